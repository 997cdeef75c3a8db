// Element matrices of one integral, added to their places in the values of a sparse matrix.
//
// DOLFINx looks up the place of every entry at every assembly, which costs more than the entry itself; here the places
// are found once.
#include <stdint.h>
#include <string.h>

typedef void (*tabulate)(double *A, const double *w, const double *c, const double *x, const int *entity,
                         const uint8_t *permutation, void *custom_data);

enum { LARGEST = 250 * 250, NODES = 250 };

// `w`: coefficients, packed for each element with `stride`; or, where `gather` is given, its entries of one array.
// `entity` and `permutation`: `sides` numbers for each element, of its facet as its cells count it; none for cells.
// Returns 1 when an element is larger than this loop is made for.
int add_elements(uintptr_t kernel, int64_t elements, int nodes, const int32_t *geometry, const double *x,
                 int64_t stride, const double *w, int gathered, const int32_t *gather, const double *c, int sides,
                 const int32_t *entity, const uint8_t *permutation, int size, const int32_t *places, double *values)
{
    static double A[LARGEST], X[3 * NODES], W[3 * NODES];
    const tabulate element = (tabulate)kernel;
    if (size > LARGEST || nodes > NODES || gathered > 3 * NODES)
        return 1;
    for (int64_t e = 0; e < elements; ++e, geometry += nodes, places += size) {
        for (int i = 0; i < gathered; ++i)
            W[i] = w[gather[e * gathered + i]];
        for (int i = 0; i < nodes; ++i)
            memcpy(X + 3 * i, x + 3 * (int64_t)geometry[i], 3 * sizeof(double));
        memset(A, 0, size * sizeof(double));
        element(A, gathered ? W : w + stride * e, c, X, entity + sides * e, permutation + sides * e, 0);
        for (int i = 0; i < size; ++i)
            if (places[i] >= 0) // not where a field does not live on this side of an interface
                values[places[i]] += A[i];
    }
    return 0;
}

// Where the entries (rows[i], columns[j]) of every element stand in a matrix in compressed sparse rows, whose columns
// are sorted; -1 where the row or the column is negative. Returns the number of those that are not there.
int64_t find_places(int64_t elements, int m, const int32_t *rows, int n, const int64_t *columns, const int64_t *start,
                    const int64_t *sorted, const int32_t *place, int32_t *out)
{
    int64_t missing = 0;
    for (int64_t e = 0; e < elements; ++e, rows += m, columns += n)
        for (int i = 0; i < m; ++i)
            for (int j = 0; j < n; ++j) {
                if (rows[i] < 0 || columns[j] < 0) {
                    *out++ = -1;
                    continue;
                }
                int64_t low = start[rows[i]], high = start[rows[i] + 1];
                const int64_t end = high;
                while (low < high) {
                    const int64_t middle = low + (high - low) / 2;
                    if (sorted[middle] < columns[j])
                        low = middle + 1;
                    else
                        high = middle;
                }
                if (low < end && sorted[low] == columns[j])
                    *out++ = place[low];
                else {
                    *out++ = -1;
                    ++missing;
                }
            }
    return missing;
}

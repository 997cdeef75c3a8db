"""Two bonded layers with different free strains, far from their rim: `python exact.py`.

Balance of force and moment of σ = M (ε₀ − κ z − ε_free), M = E/(1 − ν), with κ = d²w/dr², solved for ε₀ and κ; κ is
the closed form of L. B. Freund and S. Suresh, Thin Film Materials, Cambridge 2003, chapter 2.
"""

E_F, NU_F, E_S, NU_S = 45e9, 0.29, 120e9, 0.34
M_F, M_S = E_F / (1 - NU_F), E_S / (1 - NU_S)
MISMATCH, SUBSTRATE = 0.01, 9e-6
FILMS = {"140 nm": 140e-9, "1 um": 1e-6, "3 um": 3e-6, "9 um": 9e-6}


def closed_form(film):
    """Curvature [1/m] of the closed form."""
    m, h = M_F / M_S, film / SUBSTRATE
    return 6 * MISMATCH / SUBSTRATE * h * m * (1 + h) / (1 + 4 * h * m + 6 * h**2 * m + 4 * h**3 * m + h**4 * m**2)


def stoney(film):
    """Curvature [1/m] for a film that is thin against the substrate."""
    return 6 * M_F * MISMATCH * film / (M_S * SUBSTRATE**2)


def balance(film):
    """ε₀ at z = 0 (the bottom) and κ [1/m] from force and moment; both are increments on the free substrate."""
    s, e = SUBSTRATE, SUBSTRATE + film
    A = M_S * s + M_F * (e - s)
    B = (M_S * s**2 + M_F * (e**2 - s**2)) / 2
    D = (M_S * s**3 + M_F * (e**3 - s**3)) / 3
    N, moment = M_F * MISMATCH * (e - s), M_F * MISMATCH * (e**2 - s**2) / 2
    determinant = A * D - B**2
    return (N * D - B * moment) / determinant, (N * B - A * moment) / determinant


def numbers():
    """(quantity, parameters of the point, objective, value in SI) of everything that `expected.json` expects."""
    for text, film in FILMS.items():
        at, top = {"geometry.layers.1.thickness": text}, SUBSTRATE + film
        strain, curvature = balance(film)
        assert abs(abs(curvature) / closed_form(film) - 1) < 1e-9
        low, high = (M_F * (strain - curvature * z - MISMATCH) for z in (SUBSTRATE, top))
        values = {
            "curvature.top": curvature,
            "curvature.bottom": curvature,
            "surface_von_mises.top": abs(high),
            "surface_von_mises.bottom": abs(M_S * strain),
        }
        if low * high > 0:  # a mean over a kink is one of the quadrature too
            values["von_mises_mean.film"] = abs(low + high) / 2
        yield from ((name, at, None, value) for name, value in values.items())


if __name__ == "__main__":
    print(f"film alone on a rigid substrate: {-M_F * MISMATCH / 1e6:.3f} MPa")
    for text, film in FILMS.items():
        print(f"{text:<8} Stoney {stoney(film):.6g} 1/m, exact {closed_form(film):.6g} 1/m")
    for quantity, at, _, value in numbers():
        print(f"{next(iter(at.values())):<8} {quantity:<26} {value:.9g}")

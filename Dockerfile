# docker build --tag thermolyte .
# docker run --rm --volume "$PWD:/data" --user "$(id -u):$(id -g)" thermolyte run CASE
# docker run --rm --volume "$PWD:/data" --user "$(id -u):$(id -g)" --shm-size 1g --entrypoint mpirun thermolyte -n 4 thermolyte run CASE
#
# Any image with dolfinx 0.11 in its python3 can be the base.
ARG BASE=dolfinx/dolfinx:v0.11.0
FROM ${BASE}

# VTK draws the figures off screen.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    libegl1 libegl-mesa0 libgl1-mesa-dri passwd \
 && rm -rf /var/lib/apt/lists/*

COPY . /opt/thermolyte/source

# A virtual environment above the FEniCSx of the image. That may be in another virtual environment or on PYTHONPATH,
# which --system-site-packages does not reach, so its folders are named; and its compiled numpy and friends must stay.
RUN python3 -m venv --system-site-packages /opt/thermolyte/venv \
 && python3 -c 'import sys; print(*[p for p in sys.path if p.endswith("-packages")], sep="\n")' > /tmp/fenicsx.pth \
 && mv /tmp/fenicsx.pth /opt/thermolyte/venv/lib/python3*/site-packages/ \
 && python3 -m pip list --format freeze | grep -iE '^(numpy|scipy|mpi4py|petsc4py|h5py|gmsh)==' > /tmp/constraints \
 && /opt/thermolyte/venv/bin/pip install --no-cache-dir --constraint /tmp/constraints /opt/thermolyte/source \
 && rm /tmp/constraints

# The caches (compiled forms, fonts) are writable for any --user.
ENV PATH=/opt/thermolyte/venv/bin:${PATH} \
    OMP_NUM_THREADS=1 \
    ADIOS2_ALWAYS_USE_MPI=1 \
    H5PY_ALWAYS_USE_MPI=1 \
    VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow \
    XDG_CACHE_HOME=/tmp/cache \
    MPLCONFIGDIR=/tmp/matplotlib

RUN useradd --create-home thermolyte && install --directory --owner thermolyte /data
USER thermolyte
WORKDIR /data
ENTRYPOINT ["thermolyte"]

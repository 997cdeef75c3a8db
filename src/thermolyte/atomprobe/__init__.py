"""Atom-probe data: entropy against the size of a cube, and what of it is more than chance. See README.md here."""

EPILOG = """\
Entropy of mixing against the size of a cube, beside what chance alone gives with the same numbers of atoms; the length
over which the composition is correlated; the smallest unit of maximal entropy, and the size that stands for the whole.
Results go to results/NAME: report.html, result.json, sizes.csv, limited_area.csv, entropy.png and .pdf.

examples:
  thermolyte atomprobe sample.pos --ranges sample.rrng --exclude C,O --lattice 0.35834
  thermolyte atomprobe sample.epos --ranges sample.rng --sizes 1,1.5,2,3,5,10
  thermolyte atomprobe --synthetic made_up --cluster 1.0             writes made_up/made_up.pos and .rrng
  thermolyte atomprobe --synthetic random --composition Co:0.5,Ni:0.5 --edge 30 --efficiency 0.5

.apt files need the package ifes_apt_tc_data_modeling.
"""

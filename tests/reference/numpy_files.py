"""Writes tests/reference/numpy_types.npz, scipy_sparse.npz and scipy_columns.npz, which tests of the npy and npz readers read.

Run: python tests/reference/numpy_files.py (numpy 1.17 or later, scipy)
"""
import pathlib

import numpy as np
import scipy
import scipy.sparse

here = pathlib.Path(__file__).parent
grid = np.arange(6).reshape(2, 3)
arrays = {np.dtype(t).str[1:]: (grid - 2 if np.dtype(t).kind in "if" else grid).astype(t)
          for t in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8")}
arrays |= {f"big_{t}": grid.astype(">" + t) for t in ("u2", "i4", "i8", "f2", "f4", "f8")}
arrays["fortran"] = np.asfortranarray(np.arange(24, dtype="i4").reshape(2, 3, 4))
arrays["bool"] = grid % 2 == 1
arrays["words"] = np.array(["grün", "", "money-fx", "\U0001f600"])
arrays["big_words"] = np.array(["ab", "c"], dtype=">U2")
arrays["bytes"] = np.array([b"ab", b"c"])
arrays["scalar"] = np.array(7)
arrays["versions"] = np.array([f"numpy {np.__version__}", f"scipy {scipy.__version__}"])
np.savez_compressed(here / "numpy_types.npz", **arrays)
matrix = scipy.sparse.csr_matrix(np.array([[0, 1.5, 0], [2, 0, 0], [0, 0, 0], [0, 0, -3]], dtype="f8"))
scipy.sparse.save_npz(here / "scipy_sparse.npz", matrix)
scipy.sparse.save_npz(here / "scipy_columns.npz", matrix.tocsc())

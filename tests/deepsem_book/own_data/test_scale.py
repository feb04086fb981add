"""Sparse cells stay sparse: training needs far less memory than the dense matrix would."""

import json
import subprocess
import sys

import pytest

CODE = """
import json, resource
import numpy as np
from scipy import sparse
from deepsem_minimal import Config, Expression, train

n_cells, n_genes = 60_000, 2_000
rng = np.random.default_rng(0)
X = sparse.random(n_cells, n_genes, 0.03, "csr", np.float32, rng=rng)
small = X[:200].toarray()
config = Config.embedding(n_epochs=3, cells_per_epoch=1024, W_init="safe")
train(Expression.of(small, config), config)  # buffers of torch, once
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
member = train(Expression.of(X, config), config)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert np.isfinite(member.W).all()
print(json.dumps({"grown": (after - before) * 1024, "dense": 4 * n_cells * n_genes}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only")
def test_sparse_cells_are_never_dense_at_once():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    megabytes = json.loads(done.stdout.splitlines()[-1])
    assert megabytes["grown"] < 0.7 * megabytes["dense"], megabytes

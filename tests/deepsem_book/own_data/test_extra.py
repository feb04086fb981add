"""`pip install .` alone brings the core: the command then says in one line what to install."""

import subprocess
import sys

import pytest

CODE = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
from deepsem_book.__main__ import main
sys.exit(main(["--version"]))
"""


def run(package: str) -> subprocess.CompletedProcess[str]:
    code = CODE.format(package=package)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("package", ["sklearn", "pooch", "psutil"])
def test_the_command_names_the_extra_in_one_line(package):
    done = run(package)
    expected = f"deepsem: {package} is missing: pip install 'deepsem_minimal[chapters]'\n"
    assert (done.returncode, done.stderr, done.stdout) == (2, expected, "")


def test_the_command_runs_where_nothing_is_missing():
    done = run("no_such_package")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout[0].isdigit()


def test_a_fault_of_ours_is_not_blamed_on_an_extra():
    done = run("deepsem_minimal")
    assert done.returncode == 1 and "deepsem_minimal[chapters]" not in done.stderr

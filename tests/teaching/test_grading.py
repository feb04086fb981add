"""nbgrader gives a solved notebook all points and an empty one none (requirements-teaching.txt)."""

import csv
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import course_notebooks
from source import as_json

GRADED = os.environ.get("GRADED", "01").split()  # at first the chapter that runs fastest


def nbgrader(course, *words):
    command = [sys.executable, "-m", "nbgrader", *words]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it calls alembic
    env = os.environ | {"PATH": path}
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.skipif(
    importlib.util.find_spec("nbgrader") is None,
    reason="nbgrader is not installed: make test-grading",
)
@pytest.mark.parametrize("key", GRADED)
def test_a_solved_notebook_gets_all_points_and_an_empty_one_none(tmp_path, key):
    page = course_notebooks.taught()[key]
    student, teacher = (course_notebooks.notebook(page, for_teacher) for for_teacher in (0, 1))
    places = {"source": student, "submitted/solved": teacher, "submitted/empty": student}
    for place, notebook in places.items():
        folder = tmp_path / place / key
        folder.mkdir(parents=True)
        name = page.rpartition("/")[2]
        (folder / f"{name}.ipynb").write_text(as_json(notebook), encoding="utf-8")
    shutil.copy(course_notebooks.TEACHING / "nbgrader_config.py", tmp_path)
    nbgrader(tmp_path, "generate_assignment", key)
    nbgrader(tmp_path, "autograde", key)
    nbgrader(tmp_path, "export")
    with open(tmp_path / "grades.csv", newline="") as file:
        points = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    cells = nbformat.reads(as_json(student), as_version=4).cells
    best = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells)
    assert best > 0
    assert points == {"solved": best, "empty": 0}

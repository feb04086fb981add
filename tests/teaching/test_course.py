"""The kit: students get no solution, teachers all of them; the data's zip is a mirror."""

import os
import subprocess
import sys
import zipfile

import pytest

import course_data
import course_notebooks
from course_notebooks import EMPTY, WORDS, exercises_of, taught
from deepsem_book import datasets
from plain_markdown import leftovers

LONG = 30  # characters: a line that long is nobody's by chance
TAUGHT = taught().items()


@pytest.fixture(scope="module")
def made():
    """Both notebooks of each chapter, as (student, teacher)."""
    return {
        key: [course_notebooks.notebook(page, for_teacher=teacher) for teacher in (False, True)]
        for key, page in TAUGHT
    }


def text_of(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def exercise_part(notebook):
    """From the first exercise on: what a chapter shows before may be used in a solution."""
    first = next(i for i, cell in enumerate(notebook.cells) if cell.id == "exercise-1")
    return "\n".join(cell.source for cell in notebook.cells[first:])


@pytest.mark.parametrize("key, page", TAUGHT)
def test_only_the_teacher_gets_the_solutions(made, key, page):
    student, teacher = map(exercise_part, made[key])
    for exercise in exercises_of(page):
        code = course_notebooks.solution_of(key, exercise)
        lines = [line for line in code.splitlines() if len(line.strip()) > LONG]
        assert all(line in teacher for line in lines)
        assert not [line for line in lines if line in student]
    assert "Solution" not in student
    words = sum(len(exercise.words) for exercise in exercises_of(page))
    assert teacher.count("<summary>Solution</summary>") == words


@pytest.mark.parametrize("key, page", TAUGHT)
def test_the_student_has_a_place_for_each_answer(made, key, page):
    cells = {cell.id: cell for cell in made[key][0].cells}
    for exercise in exercises_of(page):
        number = exercise.number
        assert cells[f"words-{number}-0"].source == WORDS
        if exercise.code:
            assert cells[f"answer-{number}"].source == EMPTY
        if course_notebooks.check_of(key, number):
            assert cells[f"check-{number}"].source.startswith("# @title Check of")
            assert cells[f"check-{number}"].metadata["nbgrader"]["points"] > 0


@pytest.mark.parametrize("key, page", TAUGHT)
def test_both_are_plain_markdown_and_lead_to_no_solution_on_colab(made, key, page):
    for notebook in made[key]:
        texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
        assert not [fault for text in texts for fault in leftovers(text)]
        assert "colab-badge" not in text_of(notebook)


def test_each_exercise_of_the_course_has_a_note_for_the_teacher(made):
    for key, page in TAUGHT:
        numbers = [exercise.number for exercise in exercises_of(page)]
        assert sorted(course_notebooks.notes_of(key)) == numbers
        assert text_of(made[key][1]).count("Note for the teacher") == len(numbers)
        assert "Note for the teacher" not in text_of(made[key][0])


def test_the_zip_is_a_mirror(tmp_path, monkeypatch):
    """Read in a process without cache: from the unpacked zip alone, checksums and all."""
    name = "beeline/mDC-500"
    if not datasets.is_available(f"{name}/STRING") or not datasets.is_available(name):
        pytest.skip(f"{name} is not available")
    monkeypatch.setattr(course_data, "matrices", lambda: [name])
    n_files, size = course_data.write_zip(tmp_path / "data.zip")
    with zipfile.ZipFile(tmp_path / "data.zip") as packed:
        assert len(packed.namelist()) == n_files + 1
        packed.extractall(tmp_path / "mirror")
    assert size < 3e6
    places = {"DEEPSEM_MIRROR": str(tmp_path / "mirror"), "DEEPSEM_CACHE": str(tmp_path / "none")}
    no_net = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    code = (
        "from deepsem_book.datasets import Problem\n"
        f"problem = Problem.load({name!r})\nprint(problem.X.shape, *problem.networks)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | places | no_net,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["(383,", "821)", "STRING", "Non-Specific", "Specific"], (
        done.stderr
    )


def test_without_a_file_there_is_no_zip(tmp_path, monkeypatch):
    def missing(name):
        raise datasets.DataUnavailable(name)

    monkeypatch.setattr(datasets, "fetch", missing)
    with pytest.raises(datasets.DataUnavailable):
        course_data.write_zip(tmp_path / "data.zip")
    assert not list(tmp_path.iterdir())

"""Makes the course kit in _build/teaching: make course.

student/   notebooks without solutions, with checks       teacher/   with solutions and notes
class/     notebooks of the single classes                 nbgrader/  a course for nbgrader to grade
data.zip   what the kit reads, laid out as a DEEPSEM_MIRROR (--no-data leaves it out)
"""

import argparse
import shutil
import sys

import course_data
import course_notebooks
from source import as_json
from toc import BUILD, key_of

TARGET = BUILD / "teaching"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-data", action="store_true", help="make no data.zip")
    options = parser.parse_args()
    for folder in ("student", "teacher", "class", "nbgrader"):
        shutil.rmtree(TARGET / folder, ignore_errors=True)
        (TARGET / folder).mkdir(parents=True)
    for page in course_notebooks.taught().values():
        write(page)
    for path in sorted((course_notebooks.TEACHING / "class").glob("*.ipynb")):
        shutil.copy(path, TARGET / "class")
    shutil.copy(course_notebooks.TEACHING / "nbgrader_config.py", TARGET / "nbgrader")
    if not options.no_data:
        n_files, size = course_data.write_zip(TARGET / "data.zip")
        print(f"data.zip: {n_files} files, {size / 1e6:.1f} MB", file=sys.stderr)
    print(f"The course: {TARGET}", file=sys.stderr)
    return 0


def write(page: str) -> None:
    """The notebooks of one chapter, and the student's as nbgrader's source."""
    key, name = key_of(page), page.rpartition("/")[2]
    student = as_json(course_notebooks.notebook(page, for_teacher=False))
    teacher = as_json(course_notebooks.notebook(page, for_teacher=True))
    (TARGET / "student" / f"{name}.ipynb").write_text(student, encoding="utf-8")
    (TARGET / "teacher" / f"{name}.ipynb").write_text(teacher, encoding="utf-8")
    if course_notebooks.checks_of(key):
        assignment = TARGET / "nbgrader" / "source" / key
        assignment.mkdir(parents=True)
        (assignment / f"{name}.ipynb").write_text(student, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

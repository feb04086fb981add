"""How nbgrader grades the notebooks of _build/teaching/nbgrader; see book/teaching.md."""

c = get_config()  # noqa: F821  nbgrader gives it
c.CourseDirectory.course_id = "deepsem"
c.ClearSolutions.code_stub = {"python": "# your answer"}
c.ClearSolutions.enforce_metadata = False  # a chapter has exercises that nobody grades by program
c.ExecutePreprocessor.timeout = 900  # seconds for a cell; chapters train
c.ExecutePreprocessor.startup_timeout = 120

import json
import re
import tomllib

from sotto_app.files import CHECKOUT


def declared() -> set[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    lines = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    lines += [line for extra in extras for line in extra]
    page = json.loads((CHECKOUT / "frontend" / "package.json").read_text())
    names = {re.split(r"[<>=~! \[;]", line)[0] for line in lines}
    return names | set(page["dependencies"]) | set(page["devDependencies"])


def test_every_dependency_is_explained_and_nothing_else() -> None:
    text = (CHECKOUT / "docs" / "dependencies.md").read_text()
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    explained = {name for cell in cells for name in cell.split(", ")} - {"package"}
    assert {name for name in explained if not name.endswith("(system)")} == declared()

"""The one way through the house: which folder may use which."""

import subprocess
import sys

from package_source import MODULES, ROOT, imports, name_of, part_of

# folder -> folders it may import from; `_compile` (the kernel decorator) is open to all that compile
ALLOWED = {
    "description": set(),
    "algebra": {"_compile"},
    "solvers": {"_compile"},
    "results": set(),
    "discretization": {"description", "algebra"},
    "equations": {"_compile", "description", "discretization", "algebra"},
    "observables": {"_compile", "description", "discretization", "algebra", "equations"},
    "plots": {"results"},
    "workflow": {
        "_compile", "_cores", "_version", "description", "discretization", "algebra", "equations", "solvers",
        "observables", "results",
    },
    "studies": {"_cores", "results"},  # and the names of `usadel` itself
    "cli": {"description", "results", "studies"},  # likewise
    "_compile": set(),
    "_cores": set(),
    "_version": set(),
    "__main__": {"_cores", "cli"},
}  # fmt: skip
PUBLIC_USERS = {"cli", "studies"}  # they may also say `import usadel`
HEAVY = {"numba", "scipy", "xarray", "matplotlib", "h5netcdf", "h5py", "pandas"}


def allowed(part: str, imported: str) -> bool:
    target = imported.partition(".")[2].split(".")[0]
    if target == part:
        return True
    is_ours = (ROOT / target).is_dir() or (ROOT / f"{target}.py").is_file()
    if not target or not is_ours:  # `import usadel`, or `from usadel import solve`: public names
        return part in PUBLIC_USERS
    return target in ALLOWED.get(part, set())


def test_imports_follow_the_arrows():
    against = [
        f"{name_of(path)} imports {imported}"
        for path in MODULES
        if path != ROOT / "__init__.py"  # it gathers the public names
        for imported in sorted(imports(path))
        if not allowed(part_of(path), imported)
    ]
    assert against == []


def test_every_folder_has_its_rule():
    parts = {part_of(path) for path in MODULES} - {"__init__"}
    assert parts <= set(ALLOWED), f"say in ALLOWED what {parts - set(ALLOWED)} may import"


def test_the_rule_sees_imports():
    """A guard against a reader of imports that finds nothing."""
    assert "usadel.algebra.nambu" in imports(ROOT / "equations" / "system.py")
    assert "usadel.errors" in imports(ROOT / "discretization" / "layout.py")
    assert not allowed("solvers", "usadel.description.device")
    assert not allowed("description", "usadel")


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_is_light():
    assert run_python(f"import sys, usadel; print(sorted({HEAVY} & set(sys.modules)))") == "[]"


def test_public_names_are_listed_and_found():
    missing = run_python("import usadel; print([n for n in usadel.__all__ if not hasattr(usadel, n)])")
    assert missing == "[]"
    assert run_python("import usadel; print(set(usadel.__all__) <= set(dir(usadel)))") == "True"


def test_figures_need_no_pyplot():
    assert run_python("import sys, usadel.plots; print('matplotlib.pyplot' in sys.modules)") == "False"

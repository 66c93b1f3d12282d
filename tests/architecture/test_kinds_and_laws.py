"""Every kind that the description knows is known to the equations, and the other way round."""

import ast

from package_source import ROOT, tree


def keys_of(path, name):
    """Keys of a dictionary assigned to `name` in a module."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets):
            return {key.value for key in node.value.keys}
    raise AssertionError(f"{path} has no dictionary {name}")


def files_in(folder):
    return {path.stem for path in (ROOT / "equations" / folder).glob("*.py")} - {"__init__"}


def test_every_interface_has_its_law():
    from usadel.description.elements.kinds import INTERFACES

    laws = keys_of(ROOT / "equations" / "interfaces" / "__init__.py", "LAWS")
    assert laws == {cls.kind for cls in INTERFACES} - {"transparent"}  # continuity is a row, not a law
    assert laws == files_in("interfaces")


def test_every_term_belongs_to_a_key_of_some_layer():
    from usadel.description.elements.kinds import LAYERS

    keys = set().union(*(cls.keys() for cls in LAYERS))
    registered = [
        keys_of(ROOT / "equations" / "terms" / "__init__.py", name) for name in ("CONSTANT", "LINEAR", "GAUGE")
    ]
    assert set().union(*registered) <= keys

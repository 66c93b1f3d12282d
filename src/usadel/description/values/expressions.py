"""Numbers written as expressions: ``cos(pi*angle)``, ``0.3*sin(2*pi*z)``.

An expression is read with `ast` and walked; nothing is ever executed. It may contain numbers, ``pi``,
parameters, in profiles the relative position ``z`` in [0, 1], the operators ``+ - * / **``, parentheses
and the functions in `FUNCTIONS`. All arithmetic is done in floating point; a result that is not a finite
real number is an error, at every step.
"""

from __future__ import annotations

import ast
import keyword
import math
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from usadel.errors import InputError, listed, shown, unknown

LONGEST = 1000  # characters
DEEPEST = 100  # levels of nesting (a sum of n terms has n)

FUNCTIONS: dict[str, str] = {  # name here -> name in numpy
    "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "exp": "exp", "log": "log", "log10": "log10", "abs": "abs",
    "min": "minimum", "max": "maximum",
}  # fmt: skip
_SEVERAL = {"min", "max"}
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
RESERVED = frozenset({"pi", "z", *FUNCTIONS})


@lru_cache(maxsize=4096)
def parse(text: str, longest: int | None = LONGEST) -> ast.expr:
    """Syntax tree of an expression that contains nothing but allowed arithmetic.

    With `longest` None neither length nor depth is limited: for what `substitute` made of a checked text.

    Raises
    ------
    InputError
        If it is too long, too deep, or contains anything else.
    """
    if longest is not None and len(text) > longest:
        raise InputError(f"expression has {len(text)} characters, at most {longest} are allowed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"cannot read the expression {shown(text)}: {_reason(error)}; {_ALLOWED}") from None
    for node, depth in _walk(tree):
        if longest is not None and depth > DEEPEST:
            raise InputError(f"expression {shown(text)} is nested more than {DEEPEST} levels deep")
        _check_node(node, text)
    return tree


_ALLOWED = f"allowed: numbers, pi, parameters, + - * / **, parentheses and {', '.join(FUNCTIONS)}"


def _reason(error: BaseException) -> str:
    if isinstance(error, (RecursionError, MemoryError)):
        return "nested too deeply"
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _operands(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    return list(node.args) if isinstance(node, ast.Call) else []


def _walk(tree: ast.expr) -> Iterator[tuple[ast.expr, int]]:
    """Nodes of the tree with their depth, without recursion."""
    todo = [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        yield node, depth
        todo += [(child, depth + 1) for child in _operands(node)]


def _check_node(node: ast.expr, text: str) -> None:
    if isinstance(node, ast.Name):
        return
    if isinstance(node, ast.Constant):
        _constant(node, text)
    elif isinstance(node, ast.BinOp):
        if type(node.op) not in _OPERATORS:
            hint = " (a power is written **)" if isinstance(node.op, ast.BitXor) else ""
            raise InputError(f"operator not allowed in {shown(text)}{hint}; {_ALLOWED}")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        return
    elif isinstance(node, ast.Call):
        _check_call(node, text)
    else:
        raise InputError(f"{type(node).__name__} is not allowed in {shown(text)}; {_ALLOWED}")


def _check_call(node: ast.Call, text: str) -> None:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        name = node.func.id if isinstance(node.func, ast.Name) else "…"
        raise InputError(f"in {shown(text)}: " + unknown("function", name, FUNCTIONS))
    count, several = len(node.args), node.func.id in _SEVERAL
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    if node.keywords or starred or (count < 2 if several else count != 1):
        number = "two or more arguments" if several else "one argument"
        raise InputError(f"{node.func.id} takes {number} in {shown(text)}")


def _constant(node: ast.Constant, text: str) -> float:
    if type(node.value) not in (int, float):
        raise InputError(f"{shown(node.value)} is not a real number in {shown(text)}; {_ALLOWED}")
    try:
        return float(node.value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf  # refused where its value is used


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """Names of parameters, and ``z``, that an expression contains."""
    found = {node.id for node, _ in _walk(parse(text, None)) if isinstance(node, ast.Name)}
    return frozenset(found - {"pi"})


def evaluate(text: str, names: Mapping[str, Any] | None = None, *, longest: int | None = LONGEST) -> Any:
    """Value of an expression.

    Parameters
    ----------
    text : str
        The expression.
    names : mapping
        Values of the names it may contain: floats, and for ``z`` a float or an array.

    Returns
    -------
    float or ndarray
        An array only if the expression contains a name whose value is one.
    """
    scope = {"pi": math.pi, **(names or {})}
    tree = parse(text, longest)
    arrays = any(hasattr(scope.get(name), "shape") for name in names_in(text))
    finite = _finite_array if arrays else _finite_number
    try:
        return _value(tree, scope, text, _array_functions() if arrays else _SCALAR, finite)
    except (ArithmeticError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{shown(text)} is not a finite real number: {error}") from None


def _value(node: ast.expr, scope: Mapping[str, Any], text: str, functions: dict[str, Any], finite: Any) -> Any:
    if isinstance(node, ast.Constant):
        return finite(_constant(node, text), text)
    if isinstance(node, ast.Name):
        if node.id not in scope:
            raise InputError(f"in {shown(text)}: " + unknown("name", node.id, [*scope, *FUNCTIONS]))
        return scope[node.id]
    operands = [_value(child, scope, text, functions, finite) for child in _operands(node)]
    if isinstance(node, ast.BinOp):
        with _quiet(finite):
            return finite(_OPERATORS[type(node.op)](*operands), text)
    if isinstance(node, ast.Call):
        with _quiet(finite):
            return finite(functions[node.func.id](*operands), text)  # type: ignore[attr-defined]
    assert isinstance(node, ast.UnaryOp)
    return -operands[0] if isinstance(node.op, ast.USub) else operands[0]


class _Nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def _quiet(finite: Any) -> Any:
    if finite is _finite_number:
        return _Nothing()
    import numpy as np

    return np.errstate(all="ignore")


def _finite_number(value: Any, text: str) -> float:
    if isinstance(value, complex) or not math.isfinite(value):
        raise InputError(f"{shown(text)} is not a finite real number")
    return float(value)


def _finite_array(value: Any, text: str) -> Any:
    import numpy as np

    if not np.all(np.isfinite(value)) or np.iscomplexobj(value):
        raise InputError(f"{shown(text)} is not a finite real number at every z in [0, 1]")
    return value


_SCALAR: dict[str, Any] = {name: getattr(math, name) for name in FUNCTIONS if hasattr(math, name)}
_SCALAR |= {"abs": abs, "min": min, "max": max}


@lru_cache(maxsize=1)
def _array_functions() -> dict[str, Any]:
    import functools

    import numpy as np

    table: dict[str, Any] = {name: getattr(np, theirs) for name, theirs in FUNCTIONS.items()}
    for name in _SEVERAL:
        table[name] = functools.partial(_pairwise, table[name])
    return table


def _pairwise(function: Any, *values: Any) -> Any:
    result = values[0]
    for value in values[1:]:
        result = function(result, value)
    return result


def substitute(text: str, names: Mapping[str, float]) -> str:
    """The expression with the values of `names` written into it, so that only ``z`` and ``pi`` remain."""

    class Insert(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id not in names:
                return node
            number = ast.Constant(abs(names[node.id]))
            return ast.UnaryOp(ast.USub(), number) if names[node.id] < 0 else number

        def visit_Call(self, node: ast.Call) -> ast.expr:
            return ast.Call(node.func, [self.visit(argument) for argument in node.args], [])

    return ast.unparse(Insert().visit(ast.parse(text.strip(), mode="eval").body))


def moved(text: str, name: str, other: str) -> str:
    """The expression with another one, in brackets, in place of a name."""

    class Insert(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(other, mode="eval").body if node.id == name else node

    return ast.unparse(Insert().visit(ast.parse(text.strip(), mode="eval").body))


def check_name(name: Any) -> None:
    """Refuse a parameter that could not be used in an expression, or would hide something."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(f"parameter {shown(name)} is not a name: letters, digits and _ are allowed, not first a digit")
    if unicodedata.normalize("NFKC", name) != name:
        raise InputError(f"parameter {shown(name)} must be written {unicodedata.normalize('NFKC', name)!r}")
    if name in RESERVED:
        raise InputError(f"parameter '{name}' would hide what an expression calls {listed(sorted(RESERVED))}")


def resolve_parameters(parameters: Mapping[str, float | str]) -> dict[str, float]:
    """Values of parameters, each a number or an expression of other parameters.

    Raises
    ------
    InputError
        If they depend on each other in a circle, or one is not a finite real number.
    """
    needs = {
        name: {other for other in names_in(value) if other in parameters} if isinstance(value, str) else set()
        for name, value in parameters.items()
    }
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise InputError(f"parameters depend on each other in a circle: {circle}", key="parameters") from None
    values: dict[str, float] = {}
    for name in order:
        value = parameters[name]
        try:
            values[name] = evaluate(value, values) if isinstance(value, str) else float(value)
        except InputError as error:
            raise error.under(f"parameters.{name}") from None
    return values

"""What a seeded mistake may change in the source of a module, one place at a time."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
FUNCTIONS = {
    "minimum": "maximum",
    "min": "max",
    "argmin": "argmax",
    "nanmin": "nanmax",
    "floor": "ceil",
    "any": "all",
    "mean": "sum",
    "nanmean": "nansum",
    "zeros": "ones",
}
FUNCTIONS |= {after: before for before, after in FUNCTIONS.items()}
# Annotations of what can be negated.
NUMBERS = {"float", "Array", "Floats", "NDArray[np.float64]"}
# Statements and fields that compute nothing.
SILENT = (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom)
SILENT_FIELDS = {"annotation", "returns", "decorator_list"}
# Keywords that change nothing where tests run.
IDLE = {"strict", "encoding", "lineterminator"}


@dataclass(frozen=True)
class Mutant:
    """One mistake in one module.

    Attributes
    ----------
    path : str
        The module, from the root of the project.
    line : int
        Where the mistake begins.
    kind : str
        What sort of mistake it is.
    before, after : str
        Source of what is replaced, and what replaces it.
    start, end : int
        Bytes of the source that are replaced.
    """

    path: str
    line: int
    kind: str
    before: str
    after: str
    start: int
    end: int

    def applied(self, source: bytes) -> bytes:
        """Source of the module with the mistake."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def mutants(path: str, source: bytes) -> list[Mutant]:
    """Every mistake that the source of a module offers, in the order of its nodes."""
    starts = [0]
    for row in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    found = []
    for kind, old, new in _changes(ast.parse(source)):
        assert old.end_lineno is not None
        assert old.end_col_offset is not None
        start = starts[old.lineno - 1] + old.col_offset
        end = starts[old.end_lineno - 1] + old.end_col_offset
        after = ast.unparse(new)
        if not isinstance(new, ast.Constant | ast.Call):
            after = f"({after})"
        found.append(Mutant(path, old.lineno, kind, ast.unparse(old), after, start, end))
    return found


def _changes(node: ast.AST, returns: str = "") -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Kind of each mistake, the expression that it replaces, and what by."""
    if isinstance(node, SILENT) or _speaks(node):
        return
    if isinstance(node, ast.FunctionDef):
        returns = "" if node.returns is None else ast.unparse(node.returns)
    if isinstance(node, ast.Return) and node.value is not None and returns in NUMBERS:
        yield "return negated", node.value, ast.UnaryOp(ast.USub(), node.value)
    for test in _conditions(node):
        yield "condition inverted", test, ast.UnaryOp(ast.Not(), test)
    if isinstance(node, ast.expr):
        for kind, new in _of_expression(node):
            yield kind, node, new
    for child in _computing(node):
        yield from _changes(child, returns)


def _conditions(node: ast.AST) -> list[ast.expr]:
    """Conditions on which a node does something."""
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        return [node.test]
    return node.ifs if isinstance(node, ast.comprehension) else []


def _computing(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a node, but for annotations and decorators."""
    for field, value in ast.iter_fields(node):
        if field not in SILENT_FIELDS:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield child


def _speaks(node: ast.AST) -> bool:
    """Whether a node only logs, or is a keyword that changes nothing."""
    if isinstance(node, ast.keyword):
        return node.arg in IDLE
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger", "logging"}
    )


def _of_expression(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Kind of each mistake in an expression itself, and the expression with it."""
    match node:
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            if not any(map(_is_text, (left, right))):
                yield "operator", ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.BinOp(left, ast.MatMult(), right):
            if ast.dump(left) != ast.dump(right):
                yield "operands swapped", ast.BinOp(right, ast.MatMult(), left)
        case ast.Compare():
            yield from _of_comparison(node)
        case ast.BoolOp(op, values):
            yield "and/or", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.USub(), operand) if not isinstance(operand, ast.Constant):
            yield "sign dropped", operand
        case ast.Constant(value) if isinstance(value, bool | int | float):
            yield "constant", ast.Constant(_other(value))
        case ast.Call(ast.Attribute() as func):
            yield from _of_call(node, func)


def _of_comparison(node: ast.Compare) -> Iterator[tuple[str, ast.expr]]:
    """A comparison with another limit, or the contrary of an equality."""
    for i, op in enumerate(node.ops):
        if type(op) in COMPARISONS:
            changed = [*node.ops[:i], COMPARISONS[type(op)](), *node.ops[i + 1 :]]
            yield "comparison", ast.Compare(node.left, changed, node.comparators)


def _of_call(node: ast.Call, func: ast.Attribute) -> Iterator[tuple[str, ast.expr]]:
    """Mistakes in a call: another function, another axis, a keyword forgotten."""
    if func.attr in FUNCTIONS:
        new = copy.deepcopy(node)
        assert isinstance(new.func, ast.Attribute)
        new.func.attr = FUNCTIONS[func.attr]
        yield "function", new
    for i, keyword in enumerate(node.keywords):
        if keyword.arg not in {None, *IDLE}:
            new = copy.deepcopy(node)
            del new.keywords[i]
            yield "axis dropped" if keyword.arg == "axis" else "keyword dropped", new


def _is_text(node: ast.expr) -> bool:
    """Whether an expression is text as it stands."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _other(value: float) -> float:
    """Another constant of the same type; an axis 0 or 1 becomes the other."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return 0 if value == 1 else value + 1
    return 2 * value if value else 1.0

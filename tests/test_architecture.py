"""The house is built as planned: who imports whom, how long things are, what is documented."""

import ast
import functools
import importlib
import inspect
import re
import types
from pathlib import Path

import pytest

import otimes as ox
from otimes.core.rules import REGISTRY, Function

ROOT = Path(ox.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
EXTRAS = {"torch", "jax", "cupy", "matplotlib", "typer", "rich", "IPython", "h5py", "zarr", "networkx"}

# What each layer may import besides itself. `public` is otimes/__init__: `import otimes as ox`.
CORE = {"errors", "typing", "core"}
INNER = CORE | {"kernels", "functions", "operators", "solvers", "factorization"}
APPLICATIONS = {"pictures", "datasets", "io", "pde", "graphs"}
LAYERS = {
    "errors": set(),
    "typing": set(),
    "core": CORE,
    "kernels": CORE,
    "functions": CORE | {"kernels"},
    "operators": CORE | {"kernels", "functions"},
    "solvers": CORE | {"functions", "operators"},
    "factorization": CORE | {"functions", "operators", "solvers", "plots"},  # plots when asked to draw
    "public": INNER | APPLICATIONS,
    **{name: {"errors", "public"} for name in APPLICATIONS},
    "plots": {"errors", "public"} | APPLICATIONS,
    "cli": {"errors", "public", "plots"} | APPLICATIONS,
}
OUTER = APPLICATIONS | {"plots", "cli"}


def name_of(path):
    """'otimes.core.rules' for src/otimes/core/rules.py; 'otimes.core' for its __init__."""
    parts = ("otimes", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def layer_of(module):
    return "public" if module == "otimes" else module.split(".")[1]


@functools.cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path, lazy=True):
    """Yield (module, name, node) of each import; without `lazy` only those that run on import."""
    for node in nodes_of(tree_of(path), lazy):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner, None, node) if inner in MODULES else (node.module, alias.name, node)


def nodes_of(tree, lazy):
    for node in ast.iter_child_nodes(tree):
        if not lazy and (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or is_for_types_only(node)):
            continue
        yield node
        yield from nodes_of(node, lazy)


def is_for_types_only(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def ours(imports):
    return {module for module, _, _ in imports if module.partition(".")[0] == "otimes"}


def functions_of(path):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, kinds)]


every_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))


class TestImports:
    """An arrow of the plan reads "may import"."""

    def test_every_layer_is_planned(self):
        assert {layer_of(module) for module in MODULES} <= set(LAYERS)

    @every_file
    def test_only_the_arrows_of_the_plan(self, path):
        own = layer_of(name_of(path))
        allowed = LAYERS[own] | {own}
        wrong = {module for module in ours(imports_of(path)) if layer_of(module) not in allowed}
        assert not wrong, f"{own} may import {sorted(allowed)}"

    def test_functions_know_of_the_plan_but_not_of_the_kernel(self):
        used = {m for path in (ROOT / "functions").glob("*.py") for m in ours(imports_of(path)) if "kernels" in m}
        assert used <= {"otimes.kernels.plan", "otimes.kernels.composite"}

    def test_no_cycles(self):
        graph = {name: ours(imports_of(path, lazy=False)) & MODULES.keys() for name, path in MODULES.items()}
        done, path = set(), []

        def visit(module):
            assert module not in path, " → ".join([*path[path.index(module) :], module])
            if module not in done:
                path.append(module)
                for other in sorted(graph[module] - {module}):
                    visit(other)
                path.pop()
                done.add(module)

        for module in graph:
            visit(module)
        assert done == set(graph)

    @pytest.mark.parametrize("path", [p for p in FILES if layer_of(name_of(p)) in OUTER], ids=name_of)
    def test_applications_use_public_names_only(self, path):
        own = layer_of(name_of(path))
        for module, name, _ in imports_of(path):
            if not module.startswith("otimes") or layer_of(module) == own:
                continue
            assert module.count(".") <= 1, f"{module} is no public module"
            if name is not None:
                assert name in importlib.import_module(module).__all__, f"{module}.{name} is not public"
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in ("ox", "otimes")
            ):
                assert node.attr in {*ox.__all__, "errors", "datasets", "__version__"}, f"otimes.{node.attr}"

    def test_every_module_of_the_core_is_imported(self):
        reached, waiting = set(), ["otimes"]
        while waiting:
            module = waiting.pop()
            if module not in reached:
                reached.add(module)
                waiting += ours(imports_of(MODULES[module], lazy=False)) & MODULES.keys()
        packages = {f"otimes.{layer}" for layer in INNER - {"errors", "typing"}}
        expected = {
            module
            for module, path in MODULES.items()
            if module.startswith(tuple(f"{package}." for package in packages)) and path.name != "__init__.py"
        }
        assert expected <= reached

    @every_file
    def test_imports_inside_functions_are_of_extras(self, path):
        """Else only where the public package imports the module itself, and in the command line, to start fast."""
        layer = layer_of(name_of(path))
        if layer == "cli":
            return
        allowed = EXTRAS | ({"otimes"} if layer in APPLICATIONS else set())
        allowed |= {"otimes.plots"} if layer == "factorization" else set()  # which needs an extra, and draws on request
        at_import = {id(node) for _, _, node in imports_of(path, lazy=False)}
        for module, _, node in imports_of(path):
            if id(node) not in at_import and not for_types_only(path, node):
                assert module in allowed or module.partition(".")[0] in EXTRAS, f"line {node.lineno}: {module}"

    @every_file
    def test_extras_are_never_imported_at_once(self, path):
        if layer_of(name_of(path)) == "cli":
            return  # typer is what the command line is made of; otimes does not import it
        found = {module.partition(".")[0] for module, _, _ in imports_of(path, lazy=False)}
        assert not found & EXTRAS


def for_types_only(path, node):
    blocks = [block for block in ast.walk(tree_of(path)) if is_for_types_only(block)]
    return any(node in ast.walk(block) for block in blocks)


class TestSizes:
    """One idea each: short files, short functions."""

    @pytest.mark.parametrize("path", [path for path in FILES if name_of(path) != "otimes"], ids=name_of)
    def test_files_have_at_most_300_lines(self, path):
        """But for the list of the public names."""
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300

    @every_file
    def test_functions_have_at_most_50_lines(self, path):
        for node in functions_of(path):
            documented = ast.get_docstring(node) is not None
            start = node.body[0].end_lineno if documented else node.lineno
            assert node.end_lineno - start < 50, f"{node.name}, line {node.lineno}"

    @every_file
    def test_every_file_says_what_it_is(self, path):
        assert ast.get_docstring(tree_of(path))


class TestHabits:
    """No print, no assert on what users give, no mutable defaults, no bare except, nothing of one machine."""

    @every_file
    def test_no_print_outside_the_command_line(self, path):
        if layer_of(name_of(path)) == "cli":
            return
        names = [node.func.id for node in calls_of(path) if isinstance(node.func, ast.Name)]
        assert "print" not in names

    @every_file
    def test_no_assert(self, path):
        """Checks of what users give would vanish under -O; narrowing a type is another matter."""
        found = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Assert)]
        assert not [node.lineno for node in found if not ast.unparse(node.test).endswith(" is not None")]

    @every_file
    def test_no_mutable_defaults(self, path):
        for node in functions_of(path):
            for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
                assert not isinstance(default, (ast.List, ast.Dict, ast.Set)), node.name

    @every_file
    def test_no_bare_except(self, path):
        found = [n.lineno for n in ast.walk(tree_of(path)) if isinstance(n, ast.ExceptHandler) and n.type is None]
        assert not found

    @pytest.mark.parametrize("path", [p for p in FILES if layer_of(name_of(p)) in INNER], ids=name_of)
    def test_only_errors_of_the_tree_are_raised(self, path):
        known = {*ox.errors.__all__, "NotImplementedError", "AttributeError", "IndexError"}
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                name = node.exc.func.id
                assert name in known or not name.endswith("Error"), f"line {node.lineno}: {name}"

    @every_file
    def test_every_signature_has_types(self, path):
        for node in functions_of(path):
            arguments = [
                *node.args.posonlyargs,
                *node.args.args,
                *node.args.kwonlyargs,
                node.args.vararg,
                node.args.kwarg,
            ]
            names = [a.arg for a in arguments if a is not None and a.annotation is None]
            assert set(names) <= {"self", "cls"}, f"{node.name}: {names}"
            assert node.returns is not None or node.name == "__init__", node.name

    def test_nothing_of_this_machine_is_left(self):
        for path in FILES:
            assert not re.search(r"/(home|root|work|tmp|Users)/", path.read_text(encoding="utf-8")), path


def calls_of(path):
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]


def public_objects():
    """Every public name of otimes and of the application packages, as 'package.name'."""
    found = {f"otimes.{name}": getattr(ox, name) for name in ox.__all__}
    for package in sorted(APPLICATIONS | {"plots"}):
        if f"otimes.{package}" in MODULES:
            module = importlib.import_module(f"otimes.{package}")
            exported = set(map(id, found.values()))
            things = {f"otimes.{package}.{name}": getattr(module, name) for name in module.__all__}
            found |= {name: thing for name, thing in things.items() if id(thing) not in exported}
    return {name: thing for name, thing in found.items() if not isinstance(thing, types.ModuleType)}


PUBLIC = public_objects()
FUNCTIONS = {name: f for name, f in PUBLIC.items() if isinstance(f, (types.FunctionType, Function))}
CLASSES = {name: c for name, c in PUBLIC.items() if isinstance(c, type)}
every_function = pytest.mark.parametrize("name", FUNCTIONS)


def body_of(function):
    return function.body if isinstance(function, Function) else inspect.unwrap(function)


def sections_of(text):
    """{'Parameters': its lines, …} of a NumPy-style docstring."""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}$", inspect.cleandoc(text), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


class TestDocstrings:
    """A sentence, the parameters, what is returned and raised, and an example that runs."""

    @every_function
    def test_the_first_line_is_a_sentence(self, name):
        first = inspect.cleandoc(FUNCTIONS[name].__doc__).partition("\n")[0]
        assert first.endswith(".")
        assert first[0].isupper() or not first[0].isalpha()

    @every_function
    def test_every_parameter_is_described(self, name):
        names = set(inspect.signature(body_of(FUNCTIONS[name])).parameters)
        if names:
            described = sections_of(FUNCTIONS[name].__doc__).get("Parameters", "")
            lines = [line for line in described.splitlines() if line and not line.startswith(" ")]
            found = set(re.findall(r"\w+", " ".join(line.partition(":")[0] for line in lines)))
            assert names <= found

    @every_function
    def test_what_it_returns(self, name):
        if inspect.signature(body_of(FUNCTIONS[name])).return_annotation not in (None, "None"):
            assert {"Returns", "Yields"} & sections_of(FUNCTIONS[name].__doc__).keys()

    @every_function
    def test_what_it_raises(self, name):
        body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(body_of(FUNCTIONS[name]))))
        raises = any(isinstance(node, ast.Raise) for node in ast.walk(body))
        checks = any(
            isinstance(node, ast.Call)
            and re.match(r"(require|check)_|as_operand$", ast.unparse(node.func).split(".")[-1])
            for node in ast.walk(body)
        )
        if raises or checks:
            assert "Raises" in sections_of(FUNCTIONS[name].__doc__)

    @every_function
    def test_it_has_an_example(self, name):
        assert ">>>" in sections_of(FUNCTIONS[name].__doc__).get("Examples", "")

    @pytest.mark.parametrize("name", CLASSES)
    def test_classes_are_described(self, name):
        text = inspect.cleandoc(CLASSES[name].__doc__)
        assert text.partition("\n")[0].endswith((".", ":"))

    @pytest.mark.parametrize("name", CLASSES)
    def test_public_methods_are_described(self, name):
        for attribute, value in vars(CLASSES[name]).items():
            described = isinstance(value, (types.FunctionType, property, classmethod, staticmethod))
            if described and not attribute.startswith("_"):
                assert getattr(CLASSES[name], attribute).__doc__, f"{name}.{attribute}"

    @pytest.mark.parametrize("name", sorted(REGISTRY))
    def test_rules_say_what_they_are(self, name):
        for rule in REGISTRY[name].rules:
            assert rule.says
            assert rule.when is None or rule.when.says
            assert rule.cite is None or rule.cite in importlib.import_module("otimes.core.references").REFERENCES


class TestNames:
    """`__all__` is what is imported, each name once (ruff sorts it)."""

    @pytest.mark.parametrize(
        "module", [m for m, path in MODULES.items() if "__all__" in path.read_text(encoding="utf-8")]
    )
    def test_names_exist(self, module):
        names = importlib.import_module(module).__all__
        assert len(names) == len(set(names))
        for name in names:
            assert hasattr(importlib.import_module(module), name), name

    def test_all_of_otimes_is_what_it_imports(self):
        path = MODULES["otimes"]
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if not (node.module.startswith("otimes.operators") and f"{node.module}.{alias.name}" in MODULES)
        }
        assigned = {
            target.id
            for node in tree_of(path).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert {n for n in imported | assigned if not n.startswith("_")} == {n for n in ox.__all__ if n[0] != "_"}

    def test_otimes_itself_only_exports(self):
        kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr)
        assert all(isinstance(node, kinds) for node in tree_of(MODULES["otimes"]).body)

    def test_every_function_with_rules_is_public(self):
        assert set(REGISTRY) <= set(ox.__all__)

    def test_every_operator_is_public(self):
        assert {c.__name__ for c in subclasses(ox.LinearOperator) if c.__module__.startswith("otimes")} <= set(
            ox.__all__
        )

    def test_every_file_of_functions_is_one_function(self):
        for path in (ROOT / "functions").glob("[a-z]*.py"):
            assert getattr(ox, path.stem).name == path.stem


def subclasses(cls):
    return {cls, *(s for child in cls.__subclasses__() for s in subclasses(child))}

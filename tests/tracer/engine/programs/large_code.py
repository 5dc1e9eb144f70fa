"""Functions that are longer, wider or deeper than people write them."""

import textwrap


def _made(body, *, before=""):
    names = {}
    source = f"{before}\ndef program(x=3):\n{textwrap.indent(body, ' ')}"
    exec(compile(source, "<large code>", "exec"), names)
    return names["program"]


def _lines(count, line):
    return "\n".join(line.format(i=i, name=i % 200) for i in range(count))


def _indented(text):
    return textwrap.indent(text, " ")


def _nested(count, opening, innermost):
    lines = [" " * i + opening.format(i=i) for i in range(count)]
    return "\n".join([*lines, " " * count + innermost])


many_lines = _made(_lines(3000, "v{name} = x + {i}") + "\nreturn v199 + v0")
many_branches = _made(
    "s = 0\n" + _lines(1200, "if x * 300 > {i}: s += {i}\nelse: s -= 1") + "\nreturn s"
)
many_locals = _made(
    _lines(400, "a{i} = x * {i}") + "\nreturn " + " + ".join(f"a{i}" for i in range(400))
)
many_cells = _made(
    _lines(300, "c{i} = x + {i}")
    + "\nreturn (lambda: "
    + " + ".join(f"c{i}" for i in range(300))
    + ")()"
)
many_constants = _made("s = 0.0\n" + _lines(1000, "s += {i}.5") + "\nreturn s")
a_long_loop_body = _made(
    "s = 0\nfor k in range(x):\n" + _indented(_lines(2000, "s += k * {i}")) + "\nreturn s"
)
a_long_while_body = _made(
    "s = 0\nwhile x:\n x -= 1\n"
    + _indented(_lines(1000, "if s % ({i} + 2) == 0: s += {i}"))
    + "\nreturn s"
)
long_handlers = _made(
    "s = 0\ntry:\n"
    + _indented(_lines(1500, "s += {i}"))
    + "\n raise KeyError(s)\nexcept KeyError as error:\n"
    + _indented(_lines(1500, "s -= {i}"))
    + "\n return s, error.args"
)
deep_loops = _made(
    "s = 0\n" + _nested(19, "for i{i} in range(1 + ({i} % 7 == 0)):", "s += 1") + "\nreturn s"
)
deep_managers = _made(
    _nested(19, "with nullcontext({i}) as c{i}:", "return c0, c18"),
    before="from contextlib import nullcontext",
)
deep_handlers = _made(
    _nested(9, "try:", "raise KeyError(x)")
    + "\n"
    + "\n".join(" " * i + "finally: x += 1" for i in range(8, 0, -1))
    + "\nexcept KeyError as error: return x, error.args"
)
handlers_in_handlers = _made(
    "\n".join(
        " " * i + f"try: raise KeyError({i})\n" + " " * i + "except KeyError:" for i in range(9)
    )
    + """
         error, count = sys.exception(), 0
         while error: count, error = count + 1, error.__context__
         return count""",
    before="import sys",
)
a_deep_expression = _made("return " + "(" * 80 + "x" + " + 1)" * 80)
a_wide_call = _made(
    "def told(*args, **kwargs): return len(args), len(kwargs), args[-1]\nreturn told("
    + ", ".join(f"x + {i}" for i in range(400))
    + ", "
    + ", ".join(f"k{i}={i}" for i in range(300))
    + ")"
)
wide_displays = _made(
    "return ["
    + ", ".join(f"x * {i}" for i in range(2000))
    + "][-1], {"
    + ", ".join(f"x + {i}: {i}" for i in range(500))
    + "}[x + 499], len({"
    + ", ".join(f"x * {i}" for i in range(300))
    + "})"
)
large_constants = _made(
    f"a = {10**4000}\nb = {'é' * 100_000!r}\nc = {tuple(range(5000))}\nreturn a % 97, len(b), c[x]"
)
a_long_format = _made("return f'" + "{x}-" * 400 + "'")

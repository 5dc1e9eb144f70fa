"""Texts that are no values. A ``¦`` stands before the character that the error has to point at."""

from __future__ import annotations

#: Builtins and modules that act.
ACTING = r"""
¦__import__('os').system('id')
¦__import__('os')
¦__builtins__
¦__builtins__.eval('1')
¦__name__
¦__file__
¦__loader__.load_module('os')
¦__spec__
¦_private(x=1)
¦_hidden
¦eval('1+1')
¦exec('import os')
¦compile('1', '', 'eval')
¦open('/etc/passwd')
¦open(file='x', mode='w')
¦print('x')
¦input()
¦breakpoint()
¦exit()
¦quit()
¦help()
¦getattr(Model, 'x')
¦setattr(Model, 'x', 1)
¦delattr(Model, 'x')
¦globals()
¦locals()
¦vars()
¦dir()
¦type('X', (), {})
¦object()
¦super()
¦memoryview(b'x')
¦bytearray(10)
¦range(10)
¦iter([1])
¦map(Model, [1])
¦filter(None, [1])
¦sorted([1])
¦sum([1])
¦staticmethod(Model)
¦classmethod(Model)
¦property(Model)
¦int('9')
¦str(1)
¦list([1])
¦dict(a=1)
¦tuple([1])
¦set([1])
¦bytes(1000000000)
¦frozenset([1])
¦complex(1)
¦bool(1)
¦float('1')
¦os.system('id')
¦os.remove('x')
¦os.environ
¦os.path.join('a', 'b')
¦os.fork()
¦os
¦subprocess.run('id')
¦subprocess.Popen(['id'])
¦subprocess.check_output('id', shell=True)
¦sys.exit(1)
¦sys.modules
¦shutil.rmtree('/')
¦importlib.import_module('os')
¦pickle.loads(b'cos\nsystem\n')
¦socket.socket()
¦builtins.eval('1')
¦system('id')
¦system(command='id')
¦Popen(['id'])
¦spawn('id')
¦rmtree('/')
¦import_module('os')
¦load('x')
¦Exiting(code=1)
¦late(1)
¦helpers.act()
¦helpers.os.system('id')
¦helpers
¦Path.home()
Path('x')¦.unlink()
Model(x=¦eval('1'))
Model(x=¦system('id'))
Model(x=¦system)
Model(x=[1, {'k': ¦os.system('id')}])
Model(callback=¦os.system)
[1, ¦system]
{'a': ¦exec('x')}
{¦eval: 1}
(1, ¦open('x'))
Model(Model(Model(¦exit())))
¦nothing
¦nothing.at.all
¦nothing()
Model(x=¦nothing)
¦Modle()
""".strip().splitlines()

#: Attributes that lead out.
ATTRIBUTES = r"""
Model.¦__init__
Model.¦__class__
Model.¦__class__.__bases__
Model.¦__subclasses__()
Model.¦__init__.__globals__
Model.¦__dict__
Model.¦__mro__
Model.¦__module__
Model.¦_secret
Model.¦_secret()
¦Model.mro()
¦Model.trap
¦Model.method.func
¦Model.slot.x
¦Model.nothing
¦Model.computed
relu.¦__globals__
relu.¦__code__
relu.¦__code__.co_consts
relu.¦__builtins__
¦relu.a
()¦.__class__
()¦.x
[]¦.append
{}¦.update
''¦.join
''¦.format
'{0.__class__}'¦.format(Model)
b''¦.decode
(1)¦.real
1.0¦.hex()
True¦.real
None¦.x
Model()¦.x
Model()¦.method()
Model(x=Model()¦.x)
Model(x=''¦.join)
Color.RED.¦__class__
¦Color.RED.value
¦Color.RED.name
¦Color.PURPLE
¦LAYERS.append
¦LAYERS.append(1)
""".strip().splitlines()

#: Constructs and operators.
CONSTRUCTS = r"""
¦lambda: 0
¦lambda x: x
Model(x=¦lambda: 0)
[x ¦for x in y]
[1 ¦for x in (1, 2)]
{x ¦for x in y}
{x: x ¦for x in y}
(x ¦for x in y)
[Model ¦async for x in y]
Model ¦if True else None
1 ¦if 1 else 2
True ¦and False
True ¦or Model
¦not True
(x ¦:= 1)
Model(x ¦:= 1)
¦await Model
¦yield
¦yield Model
¦import os
¦from os import system
¦del Model
¦assert False
¦raise Model
¦return 1
¦pass
¦while True: pass
¦for x in y: pass
¦class X: pass
¦def f(): pass
¦with x: pass
¦try: pass
¦global x
¦nonlocal x
¦f'{Model}'
¦f'{__import__("os")}'
¦F"x"
¦rf'x'
¦fr'{1}'
Model(x=¦f'{1}')
'a' ¦f'{1}'
¦*Model
[¦*Model]
[1, ¦*[2]]
{¦*Model}
{¦**Model}
Model(¦*[1])
Model(¦**{'a': 1})
Model(x=1, ¦**LAYERS)
1 ¦+ 1
1 ¦- 1
1¦+1
2 ¦* 2
2¦**10
2¦**10**10
9¦**9**9**9
'a' ¦* 1000000000
[0] ¦* 1000000000
(0,)¦*9999999999
1 ¦<< 1000000000
1 ¦>> 1
1 ¦/ 0
1 ¦// 0
1 ¦% 0
'%s' ¦% Model
1 ¦@ 2
1 ¦& 2
1 ¦| 2
1 ¦^ 2
¦~1
1 ¦< 2
1 ¦== 2
1 ¦!= 2
1 ¦is 1
1 ¦in [1]
1 ¦not in [1]
-¦-1
+¦+1
-¦'a'
-¦True
-¦[1]
-¦(1)
-¦Model()
-¦Model
-¦inf
Model(x=-¦relu)
Model¦[0]
Model¦[int]
Model¦['x']
LAYERS¦[0]
LAYERS¦[0:1]
[1]¦[0]
'abc'¦[0]
{'a': 1}¦['a']
(1, 2)¦[0]
Model()¦[0]
1¦(2)
'a'¦(1)
True¦()
None¦()
[1]¦(1)
()¦()
Model()¦()
Model()¦(x=1)
Model(x=Model()¦())
¦...
[¦...]
Model(¦...)
1¦; 2
Model()¦; import os
¦@Model
Model() ¦-> 1
x ¦+= 1
¦$HOME
¦`id`
¦?
1 ¦# comment
¦#
""".strip().splitlines()

#: Broken text.
BROKEN = [
    "¦(",
    "¦[",
    "¦{",
    "Model¦(",
    "Model¦(x=1",
    "Model(x=¦[1, 2",
    "¦)",
    "1¦)",
    "[1¦}",
    "Model(x=1¦]",
    "1 ¦2",
    "Model ¦Model",
    "Model(x=1 ¦y=2)",
    "Model(x=1, ¦x=2)",
    "Model(¦=1)",
    "Model(x=¦)",
    "Model(¦,)",
    "¦,",
    "¦=",
    "¦:",
    "¦.",
    "¦.x",
    "Model¦.",
    "Model.¦.x",
    "¦\0",
    "Model(¦\0)",
    "'¦\0'",
    "¦\udc80",
    "'¦\udfff'",
    "1¦\f",
    "1¦\r2",
    "1\n¦2",
    "Model()\n¦import os",
    "¦\N{FULLWIDTH LOW LINE}x",
    "¦\N{FULLWIDTH LOW LINE}\N{FULLWIDTH LOW LINE}import__('os')",
    "Model.¦\N{FULLWIDTH LOW LINE}_class__",
    "¦",
    "¦ ",
    "¦\t",
    "{1: ¦}",
    "{1:¦}",
]

#: As broken, but where the fault is depends on the version of the tokenizer or compiler.
LOOSE = [
    "Model(x=1, 2)",
    "0777",
    "1__0",
    "1abc",
    "0xg",
    "1_",
    "1.real",
    "0b2",
    "1e",
    "{[1]: 2}",
    "{{}}",
    "{{1}: 2}",
    "{1: 2, {}: 3}",
    "Model.1",
    "'abc",
    '"abc',
    "'''abc",
    "Model(x='abc)",
    "x !",
    "Model(1=2)",
    "Model('x'=2)",
    "Model(x.y=2)",
    "Model(None=2)",
    "Model(True=1)",
    "{1, 2: 3}",
    "{1: 2, 3}",
    "[1: 2]",
    "[x=1]",
    "(x=1)",
    "x=1",
    "x: 1",
    "b'é'",
    "'a' b'b'",
    "'\\N{nothing of that name}'",
    "'\\x0'",
    "'\\ud800\\U99999999'",
    "Model(\\",
    "1\\",
    "\\",
    "1,,2",
    "[,]",
    "(1,,)",
    "Model(,)",
    "Model(x=1,,)",
    "1 2 3",
    "€",
    "x²",
    "½",
]

#: Texts that would take long, or much memory or stack, if they were compiled as they are.
BOMBS = [
    "(" * 10_000,
    "[" * 10_000 + "]" * 10_000,
    "{1:" * 5_000 + "1" + "}" * 5_000,
    "Model(" * 5_000 + ")" * 5_000,
    "-" * 50_000 + "1",
    "not " * 10_000 + "1",
    "1" + "+1" * 30_000,
    "1" + "-1j" * 20_000,
    "a" + ".a" * 30_000,
    "a" + "()" * 30_000,
    "a" + "[0]" * 20_000,
    "9" * 60_000,
    "0x" + "f" * 60_000,
    "1e" + "9" * 2_000,
    "1j" * 30_000,
    "2**" * 20_000 + "2",
    "lambda:" * 8_000 + "0",
    "x" * 70_000,
    "x" * 60_000,
    "Model(" + "x" * 1_000 + "=1)",
    "Model(" + ", ".join(f"x{i}=y{i}" for i in range(3_000)) + ")",
    "'" + "x" * 70_000 + "'",
    "[1] * 10**10",
    "'%1000000000d' % 1",
    "f'{0:1000000000}'",
    "~" * 60_000 + "1",
    "*" * 60_000,
    "1if 1else " * 5_000 + "1",
    "{**" * 10_000 + "{}",
    '"' * 59_999,
    "\\\n" * 30_000 + "(",
    "a,\n" * 20_000 + "$",
    "(a:=" * 10_000 + "1" + ")" * 10_000,
]


#: Those of which the column is known.
HOSTILE = [*ACTING, *ATTRIBUTES, *CONSTRUCTS, *BROKEN]

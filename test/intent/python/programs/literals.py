note([
    'a', "b", '''c''', """d""", 'it\'s', "say \"x\"", 'tab\there', 'line\
joined', "\x41\u00e9\U0001f642\101\0", r'\d+\'', R"\n", u'u', 'a' "b" '''c''', "\a\b\f\v\r\n", 'é🙂', '',
])
note("""two
lines 'and' "quotes"
""", title='''\
first''')
note([0, 1_000, 0xFF, 0o17, 0b1010, 00, 123456789012345678901234567890, -7, 1.5, .25, 1e3, 1E-2, 1_0.5e1_0, 0.1, 1e21, 123e-7, -0])
note([True, False, None, [], {}, (), (1,), [[]], {"a": {"b": [None]}}])
note(f"{1}{{}}{'x'} {'a' 'b'}" 'c' f"d{2.5}", title=f'{1 + 1} {True} {None} {2 * 1.5:.1f}', extra=rf"\d{1}\\")
note(f"""{
    1 + 2
} and {'three'}""")

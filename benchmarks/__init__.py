"""What generated code and the compiler cost, beside what people would write by hand.

Times differ from machine to machine and from run to run; no test asserts one.
"""

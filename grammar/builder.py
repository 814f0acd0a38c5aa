"""From the rules of the grammar to the syntax tree."""
# What a method of the builder makes is said by its rule in the grammar.
# ruff: noqa: D102

from dataclasses import replace
from typing import cast

from dlmc.grammar import literals
from dlmc.grammar.faults import Refused, SyntaxFault
from dlmc.grammar.lexer import Token
from dlmc.grammar.span import Span
from dlmc.grammar.tree import (
    Argument,
    Attribute,
    Binary,
    BinaryOperator,
    Binding,
    Block,
    Boolean,
    Call,
    Carry,
    Choice,
    Const,
    Data,
    Declaration,
    Ellipsis,
    Emit,
    Expression,
    Field,
    For,
    Function,
    FunctionDeclaration,
    Identifier,
    If,
    Index,
    Input,
    List,
    Name,
    Named,
    NewAxis,
    Number,
    Optimizer,
    Output,
    Over,
    Param,
    Parameter,
    Pipe,
    Range,
    Scan,
    Setting,
    Slice,
    State,
    Statement,
    String,
    Train,
    Type,
    Unary,
    UnaryOperator,
    Use,
)

Parameters = tuple[Parameter, ...]
Statements = tuple[Statement, ...]
Item = Expression | Slice | Ellipsis | NewAxis
Arguments = tuple[tuple[Argument, ...], Span]
"""The arguments of a call, and the place of the parenthesis that closes it."""
Otherwise = tuple[Statements, Span]
"""The statements after an `else`, and the place of their last token."""

# A rule of any length passes its parts first and its closing token last: such methods
# take `*parts` and split them.


class Builder:
    """A method for each rule of the grammar, from its symbols' values to its value."""

    # --- Declarations ----------------------------------------------------------------

    def file(self, *declarations: Declaration) -> tuple[Declaration, ...]:
        return declarations

    def documented_file(
        self, text: Token, *declarations: Declaration
    ) -> tuple[Token | Declaration, ...]:
        return (text, *declarations)

    def documented(self, text: Token, declaration: Declaration) -> Declaration:
        documentation = literals.documentation(text.text)
        return replace(declaration, documentation=documentation)

    def const(self, start: Token, name: Token, value: Expression) -> Const:
        return Const(start.span.to(value.span), _identifier(name), value)

    def function_declaration(
        self, start: Token, name: Token, parameters: Parameters, body: Expression
    ) -> FunctionDeclaration:
        span = start.span.to(body.span)
        return FunctionDeclaration(span, _identifier(name), parameters, body)

    def block(
        self,
        start: Token,
        name: Token,
        parameters: Parameters | None,
        body: Statements,
        end: Token,
    ) -> Block:
        span = start.span.to(end.span)
        is_model = start.kind == "MODEL"
        return Block(span, _identifier(name), parameters or (), body, is_model)

    def optimizer(
        self,
        start: Token,
        name: Token,
        parameters: Parameters | None,
        body: Statements,
        end: Token,
    ) -> Optimizer:
        span = start.span.to(end.span)
        return Optimizer(span, _identifier(name), parameters or (), body)

    def data(self, start: Token, name: Token, *parts: Field | Setting | Token) -> Data:
        *entries, end = parts
        return Data(
            start.span.to(end.span),
            _identifier(name),
            tuple(entry for entry in entries if isinstance(entry, Field)),
            tuple(entry for entry in entries if isinstance(entry, Setting)),
        )

    def train(
        self,
        start: Token,
        name: Token | None,
        model: Name | Call,
        data: Token,
        *parts: Setting | Token,
    ) -> Train:
        *settings, end = parts
        return Train(
            start.span.to(end.span),
            _identifier(name) if name else None,
            model,
            self.name(data),
            tuple(setting for setting in settings if isinstance(setting, Setting)),
        )

    def use(self, start: Token, path: Token, *names: Token) -> Use:
        span = start.span.to(names[-1].span)
        return Use(span, self.string(path), tuple(map(_identifier, names)))

    def parameters(self, *parameters: Parameter) -> Parameters:
        return parameters

    def parameter(self, name: Token, default: Expression | None) -> Parameter:
        span = name.span.to(default.span) if default else name.span
        return Parameter(span, name.text, default)

    def trained(self, name: Token, arguments: Arguments | None) -> Name | Call:
        model = self.name(name)
        return self.call(model, arguments) if arguments else model

    def field(self, name: Token, type: Type, value: Expression | None) -> Field:
        span = name.span.to((value or type).span)
        return Field(span, _identifier(name), type, value)

    def setting(self, name: Token, value: Expression) -> Setting:
        return Setting(name.span.to(value.span), _identifier(name), value)

    # --- Statements ------------------------------------------------------------------

    def statements(self, *statements: Statement) -> Statements:
        return statements

    def input(self, start: Token, name: Token, type: Type) -> Input:
        return Input(start.span.to(type.span), _identifier(name), type)

    def output(self, start: Token, value: Expression) -> Output:
        return Output(start.span.to(value.span), None, None, value)

    def named_output(self, start: Token, name: Token, value: Expression) -> Output:
        return Output(start.span.to(value.span), _identifier(name), None, value)

    def typed_output(
        self, start: Token, name: Token, type: Type, value: Expression
    ) -> Output:
        return Output(start.span.to(value.span), _identifier(name), type, value)

    def param(self, start: Token, name: Token, type: Type, value: Expression) -> Param:
        return Param(start.span.to(value.span), _identifier(name), type, value)

    def state(
        self, start: Token, name: Token, type: Type | None, value: Expression
    ) -> State:
        return State(start.span.to(value.span), _identifier(name), type, value)

    def emit(self, start: Token, name: Token, value: Expression) -> Emit:
        return Emit(start.span.to(value.span), _identifier(name), value)

    def binding(self, targets: tuple[Identifier, ...], value: Expression) -> Binding:
        return Binding(targets[0].span.to(value.span), targets, value)

    def for_statement(
        self,
        start: Token,
        targets: tuple[Identifier, ...],
        iterable: Expression,
        body: Statements,
        end: Token,
    ) -> For:
        return For(start.span.to(end.span), targets, iterable, body)

    def if_statement(
        self,
        start: Token,
        condition: Expression,
        then: Statements,
        end: Token,
        otherwise: Otherwise | None,
    ) -> If:
        statements, last = otherwise or ((), end.span)
        return If(start.span.to(last), condition, then, statements)

    def otherwise(self, body: Statements, end: Token) -> Otherwise:
        return body, end.span

    def otherwise_if(self, statement: If) -> Otherwise:
        return (statement,), statement.span

    def scan(
        self,
        start: Token,
        carries: tuple[Carry, ...],
        over: tuple[Over, ...],
        body: Statements,
        end: Token,
    ) -> Scan:
        return Scan(start.span.to(end.span), carries, over, body)

    def targets(self, *names: Token) -> tuple[Identifier, ...]:
        return tuple(map(_identifier, names))

    def carries(self, *carries: Carry) -> tuple[Carry, ...]:
        return carries

    def carry(self, name: Token, value: Expression) -> Carry:
        return Carry(name.span.to(value.span), _identifier(name), value)

    def slices(self, *slices: Over) -> tuple[Over, ...]:
        return slices

    def over(
        self, name: Token, value: Expression, word: Token, axis: Expression
    ) -> Over:
        if word.text != "axis":
            raise Refused(
                SyntaxFault(
                    "E0126",
                    word.span,
                    f"`axis` is expected here, not `{word.text}`",
                    f"write `over {name.text} in {value.span.text} axis 1`",
                )
            )
        return Over(name.span.to(axis.span), _identifier(name), value, axis)

    # --- Types -----------------------------------------------------------------------

    def type(self, dtype: Token, *parts: Expression | Ellipsis | Token) -> Type:
        *dimensions, end = cast("tuple[Expression | Ellipsis, ...]", parts)
        return Type(dtype.span.to(end.span), dtype.text, tuple(dimensions))

    def scalar_type(self, dtype: Token) -> Type:
        return Type(dtype.span, dtype.text, ())

    # --- Expressions -----------------------------------------------------------------

    def choice(
        self,
        start: Token,
        condition: Expression,
        then: Expression,
        otherwise: Expression,
    ) -> Choice:
        return Choice(start.span.to(otherwise.span), condition, then, otherwise)

    def function(
        self, start: Token, parameters: Parameters, body: Expression
    ) -> Function:
        return Function(start.span.to(body.span), parameters, body)

    def pipe(self, value: Expression, stage: Expression) -> Pipe:
        return Pipe(value.span.to(stage.span), value, stage)

    def named(self, value: Expression, name: Token) -> Named:
        if name.kind == "STRING":
            text = self.string(name)
        else:
            text = String(name.span, name.text)
        return Named(value.span.to(name.span), value, text)

    def binary(self, left: Expression, operator: Token, right: Expression) -> Binary:
        text = cast("BinaryOperator", operator.text)
        return Binary(left.span.to(right.span), text, left, right)

    def unary(self, operator: Token, operand: Expression) -> Unary:
        text = cast("UnaryOperator", operator.text)
        return Unary(operator.span.to(operand.span), text, operand)

    def range(self, start: Expression, stop: Expression) -> Range:
        return Range(start.span.to(stop.span), start, stop)

    def call(self, function: Expression, arguments: Arguments) -> Call:
        values, end = arguments
        return Call(function.span.to(end), function, values)

    def index(self, value: Expression, *parts: Item | Token) -> Index:
        *items, end = cast("tuple[Item, ...]", parts)
        return Index(value.span.to(end.span), value, tuple(items))

    def attribute(self, value: Expression, name: Token) -> Attribute:
        return Attribute(value.span.to(name.span), value, name.text)

    def name(self, name: Token) -> Name:
        return Name(name.span, name.text)

    def number(self, number: Token) -> Number:
        return Number(number.span, literals.number(number.text))

    def string(self, string: Token) -> String:
        return String(string.span, literals.string(string.text))

    def true(self, word: Token) -> Boolean:
        return Boolean(word.span, True)

    def false(self, word: Token) -> Boolean:
        return Boolean(word.span, False)

    def list(self, start: Token, *parts: Expression | Token) -> List:
        *items, end = cast("tuple[Expression, ...]", parts)
        return List(start.span.to(end.span), tuple(items))

    def parenthesis(self, start: Token, inside: Expression, end: Token) -> Expression:
        if isinstance(inside, String):
            return inside  # its span is its text, which may hold expressions
        # With the parentheses, or `(a + b) * c` would start at `a`.
        return replace(inside, span=start.span.to(end.span))

    def arguments(self, *parts: Argument | Token) -> Arguments:
        *arguments, end = cast("tuple[Argument, ...]", parts)
        names = [argument.name for argument in arguments]
        if None in names and any(names):
            last_positional = len(names) - 1 - names[::-1].index(None)
            if named := [name for name in names[:last_positional] if name]:
                raise Refused(_late(arguments[last_positional], named[-1]))
        return tuple(arguments), end.span

    def argument(self, value: Expression) -> Argument:
        return Argument(value.span, value)

    def named_argument(self, name: Token, value: Expression) -> Argument:
        return Argument(name.span.to(value.span), value, name.text, name.span)

    def slice(
        self,
        start: Expression | None,
        colon: Token,
        stop: Expression | None,
        second_colon: Token | None,
        step: Expression | None,
    ) -> Slice:
        first = start or colon
        last = step or second_colon or stop or colon
        return Slice(first.span.to(last.span), start, stop, step)

    def ellipsis(self, dots: Token) -> Ellipsis:
        return Ellipsis(dots.span)

    def new_axis(self, word: Token) -> NewAxis:
        return NewAxis(word.span)


def _identifier(token: Token) -> Identifier:
    return Identifier(token.span, token.text)


def _late(argument: Argument, name: str) -> SyntaxFault:
    return SyntaxFault(
        "E0122",
        argument.span,
        "this argument has no name, but stands after a named one",
        f"name it, or write it before `{name} = …`",
    )

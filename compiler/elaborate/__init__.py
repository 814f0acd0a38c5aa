"""From the syntax tree to the IR: names, compile-time values, shapes, specialisation."""

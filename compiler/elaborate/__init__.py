"""From the syntax tree to the IR: names, values, shapes, specialisation."""

"""What a program costs: shapes, parameters, FLOPs and memory, from the IR alone."""

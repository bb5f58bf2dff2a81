"""The generated files: each module returns paths below `schemas/` and their texts, and writes nothing."""

"""What things cost: dated tariffs in, facts of a home’s day in, lines with their explanation out. Pure.

It knows no booking and no bill. Its face: `days.day_lines`, `spans.span_lines`, `wishes.difference`.
"""

"""One figure taken apart: what it is made of, pane by pane, counted anew from the store beside what boards show.

`question` checks what is asked against an `outlook`, `moment` is the figure at its instant, `counted` reads panes and
states as they stood together, `contributions` keeps what is the figure's, `account` and `sides` add it up, `explainer`
puts the answer together; `screen` shows it to people.
"""

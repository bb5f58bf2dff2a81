"""One figure taken apart: what it is made of, pane by pane, counted anew from the store beside what boards show.

`question` checks what is asked, `counted` reads panes and states as they stood together, `contributions` keeps what is
the figure's, `explainer` puts the answer together; `screen` shows it to people.
"""

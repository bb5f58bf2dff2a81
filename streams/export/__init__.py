"""What the floor is shown: metrics for Prometheus, JSON and a stream of updates for boards.

`follow` keeps the view and the rendered page of metrics up to date; `server` answers from what they hold. `names` has
every public name, `page` puts the metrics together, `answers` the JSON; `service` wires them.
"""

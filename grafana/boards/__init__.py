"""Every board, in the order of its links."""

from grafana.board import Board
from grafana.boards import data_health, email_and_links, floor_wall, queues, results, targets, team

BOARDS: tuple[Board, ...] = (
    *(floor_wall.BOARD, team.BOARD, queues.BOARD, email_and_links.BOARD),
    *(results.BOARD, targets.BOARD, data_health.BOARD),
)

// What the board says, in its languages.

const EN = {
  asOf: "Data as of",
  groups: { own: "This floor's own", phone: "Phone", activity: "Activity", results: "Results" },
  windows: {
    "5m": "5 min", "15m": "15 min", "30m": "30 min", "1h": "1 hour",
    today: "today", shift: "shift", week: "week", month: "month",
  },
  states: {
    available: "Available", ringing: "Ringing", on_call: "On call", on_hold: "On hold", wrap_up: "Wrap-up", email: "E-mail",
    admin: "Admin", meeting: "Meeting", training: "Training", break: "Break", meal: "Meal", offline: "Offline",
  },
  target: "Target",
  attainment: "attainment",
  judged: { good: "on target", near: "near target", bad: "off target" },
  pace: "Pace",
  paces: { min: ["behind", "ahead"], max: ["within", "over"] },
  noTarget: "no target",
  noData: "no data",
  curve: (from, to) => `Last three hours: from ${from} to ${to}`,
  teams: "Teams", team: "Team", reps: "Reps by state", repsByTeam: "Reps by state and team", queues: "Queues", queue: "Queue",
  waiting: "Waiting now", longest: "Longest wait",
  leaders: "Leaderboard", leadersBy: "Rank by", rank: "Rank", rep: "Rep", nobody: "Nobody yet",
  noneWaiting: "No call is waiting.", noTeams: "No team has done anything yet.", noReps: "No rep has a state yet.",
  unassigned: "unassigned", other: "others",
  since: (time) => `stale since ${time}`,
  stale: "stale, never seen fresh",
  topics: { calls: "calls", emails: "e-mails", links: "links", reps: "rep states", crm: "CRM" },
  staleTopics: (names) => `Not up to date: ${names}. What depends on it is grey.`,
  topicSince: (topic, time) => (time ? `${topic} (since ${time})` : topic),
  connecting: "Connecting …",
  lost: (time) => `No connection since ${time}. What is shown is old; the board keeps trying.`,
  never: "No connection to the exporter. The board keeps trying.",
  old: (time) => `The figures have not moved on since ${time}: what is shown is old.`,
  live: "live",
  window: "Window", asTargets: "as targets say", definitions: "Definitions", theme: "Dark or light", tv: "TV mode",
  jump: "Sections", controls: "Settings of the board",
  minutes: "min", hours: "h", seconds: "s", perHour: "/h",
};

const JA = {
  asOf: "データ時刻",
  groups: { own: "フロア独自", phone: "電話", activity: "活動", results: "成果" },
  windows: {
    "5m": "5分", "15m": "15分", "30m": "30分", "1h": "1時間", today: "本日", shift: "シフト", week: "今週", month: "今月",
  },
  states: {
    available: "待機", ringing: "呼出中", on_call: "通話中", on_hold: "保留", wrap_up: "後処理", email: "メール",
    admin: "事務", meeting: "会議", training: "研修", break: "休憩", meal: "食事", offline: "オフライン",
  },
  target: "目標",
  attainment: "達成率",
  judged: { good: "達成", near: "あと少し", bad: "未達" },
  pace: "ペース",
  paces: { min: ["遅れ", "順調"], max: ["範囲内", "超過"] },
  noTarget: "目標なし",
  noData: "データなし",
  curve: (from, to) => `直近3時間：${from} から ${to}`,
  teams: "チーム", team: "チーム", reps: "オペレーターの状態", repsByTeam: "チーム別オペレーターの状態", queues: "キュー", queue: "キュー",
  waiting: "現在の待ち呼", longest: "最長待ち時間",
  leaders: "ランキング", leadersBy: "順位の基準", rank: "順位", rep: "オペレーター", nobody: "該当者なし",
  noneWaiting: "待っている通話はありません。", noTeams: "まだチームの実績がありません。", noReps: "状態のあるオペレーターがいません。",
  unassigned: "未割当", other: "その他",
  since: (time) => `${time} から更新なし`,
  stale: "更新なし",
  topics: { calls: "通話", emails: "メール", links: "リンク", reps: "オペレーターの状態", crm: "CRM" },
  staleTopics: (names) => `最新ではありません：${names}。関係する数値は灰色で示します。`,
  topicSince: (topic, time) => (time ? `${topic}（${time} から）` : topic),
  connecting: "接続中 …",
  lost: (time) => `${time} から接続がありません。表示は古い値です。再接続を続けています。`,
  never: "エクスポーターに接続できません。再接続を続けています。",
  old: (time) => `${time} から数値が更新されていません。表示は古い値です。`,
  live: "更新中",
  window: "期間", asTargets: "目標に合わせる", definitions: "定義", theme: "ダーク／ライト", tv: "テレビ表示",
  jump: "セクション", controls: "表示設定",
  minutes: "分", hours: "時間", seconds: "秒", perHour: "/時",
};

export const LANGUAGES = { en: EN, ja: JA };

/** Return a name from an event as people read it. */
export function named(name, words) {
  return { unassigned: words.unassigned, __other__: words.other }[name] ?? name;
}

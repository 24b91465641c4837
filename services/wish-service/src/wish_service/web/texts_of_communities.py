"""Texts about the tree of communities. A pair is (中文, English)."""

COMMUNITIES: dict[str, tuple[str, str]] = {
    "problem.community_moved": ("这个社区已经划转", "The community has moved"),
    "problem.community_moved.detail": (
        "它现在的区划代码是 {moved_to}，请用新的代码。",
        "It goes on as {moved_to}; use that code.",
    ),
    "problem.community_taken": ("这个代码已有社区在用", "The code is another community's"),
    "problem.community_taken.detail": (
        "如果要把两个社区合并，请写明 merge；否则请换一个代码。",
        "Say merge if the two shall be one; otherwise choose another code.",
    ),
    "division.digits": ("应为 6、9 或 12 位数字", "Must be 6, 9 or 12 digits"),
    "division.digits_of_community": ("应为 12 位数字的社区代码", "Must be a community's code of 12 digits"),
    "division.twice": ("这个代码在前面已经出现过", "The code stands in an earlier row already"),
    "division.moved": ("这个代码的社区已经划转，不能再用", "The community of this code has moved"),
    "division.name": ("请填名称，不超过 60 字", "A name of at most 60 characters"),
    "division.not_below": (
        "上级应是本代码的前 9 位（社区）或前 6 位（街道）；区县不填上级",
        "The division above has the first 9 digits (community) or 6 (street); a district has none",
    ),
    "division.parent_unknown": ("没有这个上级，表里和系统里都没有", "No such division, in the list or in the tree"),
    "division.column_missing": ("缺少这一列，表头应有 code,name,parent", "Missing; the heading is code,name,parent"),
    "division.not_csv": ("不是可以读取的 CSV 文件", "Not a CSV file that can be read"),
    "division.too_many": ("一次不超过 {most} 行", "At most {most} rows at once"),
    "division.same": ("新代码和现在的一样", "That is the code it has"),
    "line.WishMoved": ("社区区划调整，由新的社区接着办", "Its community was rearranged; the new one goes on with it"),
}

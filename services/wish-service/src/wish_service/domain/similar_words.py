"""The vocabulary of likeness: what every wish says, how often characters are, and different words for one thing.

Every entry comes from the part `tuning` of the labelled pairs or from the pilot district (a test checks it), so that
the part `held_out` says what an unknown wish would meet. Written in small letters and NFKC.
"""

from typing import Final

_TIERS: Final = (
    (0.2, "的不了子一想我来里人孩上个老小"),
    (0.4, "手学没着年看下得楼家两在三就去十要过大有都给门好会天用到开讲动点说口机水几头是做地陪带怕走"),
    (
        0.5,
        (
            "出放电能清道台听们只生脚书住半吃和四回打把掉起车二发多床换敢自五单字写面块居断菜进买六太房找旧级装路位医"
            "外师洗片花见轮"
        ),
    ),
    (
        0.6,
        (
            "也分后夜方灯眼腿衣跟邻么修光八公工底懂新板照爱箱视记话轻还音事他又坐己报拍时架桌每药被软边送七凳压合张推"
            "月段理皮知窗线缺请读跳那量院鞋件办区各堂声套成拿挂按条站练转退锅队防饭全关厨号同垫墙室布快怎户扶搬收日早"
            "滑漏牌画疼盖纸结行表裂贴钟镜间高九伴信儿再准前力包周响器坏孙岁弄心拖指支散本松椅热牙物睡空缝网背腰节语课"
            "重长阳频骑"
        ),
    ),
    (
        0.7,
        (
            "以休假停印原可哪唱图场够她姐对屋常弹戏拆排接数敲晚服木校格棉气油火现班白百盆码破简编英血西计远通铁错问题"
            "风验黑业东借刀剧剪午卫历厚叫吹喜壶夹干度忘慢扇摸改桶次步歪泡滴球琴病盘睛碗磨种穿管考舞色跑铃阶阿隔霉顶丝"
            "中乱交什从份作保像具初别加卖厉双圈士女妹婚安害少帮平店弯念总意抖护拉拎摔故整期柜根梯棋流浴温演澡灰灶烧烫"
            "猫瓶短碎科章笑糕红经绳翻耳脑脸袋词试趟身这配醒锈雨青饼鱼麻"
        ),
    ),
)

TELLING: Final = {character: told for told, characters in _TIERS for character in characters}
"""How much the frequent characters tell, by in how many wishes of the pilot they stand (inverse document frequency,
1 for one that stands in a single wish); a character that isn't here tells about 0.85."""

EVERYDAY: Final = frozenset(_TIERS[0][1])
"""The characters that tell least: two of them side by side find nothing."""

EVERYBODY_SAYS: Final = (
    *("希望", "想要", "想请人", "想请", "想有人", "想有", "想找人", "想找个", "想找", "请人", "请师傅"),
    *("谢谢", "麻烦", "帮忙", "帮我", "能不能", "有没有", "谁有", "闲置的", "求帮忙"),
    *("志愿者", "师傅", "一台", "一个", "一把", "一只", "一辆", "一张", "一副", "一双", "一条", "一件"),
    *("一部", "一根", "一套", "一位", "一次", "一趟", "一下", "一盏", "一床", "一本", "一面", "一口"),
    *("1台", "两张", "两条", "几个"),
)
"""Words that every wish says, and how things are counted: taken out before anything is compared."""

_SAME: Final[tuple[tuple[str, ...], ...]] = (
    # The first word of each line stands for all of it.
    ("收音机", "半导体"),
    ("老人手机", "老年机"),
    ("龙头", "水龙头"),
    ("水槽", "水斗"),
    ("马桶", "抽水马桶"),
    ("牙科", "看牙", "牙痛", "牙疼"),
    ("理发", "剪头发", "剃个头", "剃头", "理个发"),
    ("书桌", "写字台"),
    ("老花镜", "老花眼镜"),
    ("电风扇", "落地扇"),
    ("聊天", "说说话", "聊聊天"),
    ("散步", "走走", "散散步"),
    ("拐杖", "手杖"),
    ("单车", "自行车"),
    ("作业", "功课"),
    ("血压计", "血压仪"),
    ("优盘", "u盘"),
    ("燃气", "煤气"),
    ("电瓶车", "电动车"),
    ("电脑", "笔记本电脑"),
    ("棉袄", "棉衣"),
    ("裤子", "裤脚"),
    ("凳子", "长凳", "椅子"),
    ("买菜", "带点菜"),
    ("讲讲", "听听"),
    ("下乡", "插队"),
    ("婴儿", "宝宝"),
    ("澡盆", "浴盆"),
    ("报警器", "报警"),
    ("诈骗", "防诈骗", "反诈骗", "上当"),
    ("上门", "来家里", "到家里", "到家"),
    ("走不动", "走不了路", "不好走路", "腿脚不便", "腿脚不行"),
    ("卧床", "躺着"),
    ("孩子", "小孩", "女儿", "儿子"),
    ("修", "修一修", "修修"),
    ("学", "教我", "教教我", "教教", "教一教", "学会", "请教", "教"),
    ("坏", "坏了", "不好了"),
)

ONE_WORD: Final = {word: words[0] for words in _SAME for word in words[1:]}
"""Another word for the same thing, and the one that stands for it."""

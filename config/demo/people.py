"""Invented names and numbers: of staff (fixed by their position) and of customers (drawn from the run's generator)."""

from random import Random

SURNAMES = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("黄", "huang"),
    ("赵", "zhao"), ("吴", "wu"), ("周", "zhou"), ("徐", "xu"), ("孙", "sun"), ("马", "ma"), ("朱", "zhu"),
    ("胡", "hu"), ("郭", "guo"), ("何", "he"), ("高", "gao"), ("林", "lin"), ("罗", "luo"), ("郑", "zheng"),
    ("梁", "liang"), ("谢", "xie"), ("宋", "song"), ("唐", "tang"), ("许", "xu"), ("韩", "han"), ("冯", "feng"),
    ("邓", "deng"), ("曹", "cao"), ("彭", "peng"), ("曾", "zeng"), ("肖", "xiao"), ("田", "tian"), ("董", "dong"),
    ("袁", "yuan"), ("潘", "pan"), ("蔡", "cai"), ("蒋", "jiang"), ("余", "yu"), ("杜", "du"), ("叶", "ye"),
    ("程", "cheng"), ("魏", "wei"), ("吕", "lv"), ("丁", "ding"), ("任", "ren"), ("卢", "lu"), ("姚", "yao"),
    ("钟", "zhong"), ("崔", "cui"), ("谭", "tan"), ("汪", "wang"), ("石", "shi"), ("付", "fu"), ("贾", "jia"),
    ("夏", "xia"), ("邹", "zou"), ("熊", "xiong"),
)  # fmt: skip

MEN = (
    "建国", "志强", "伟", "俊杰", "海涛", "文博", "鹏程", "子轩", "宏亮", "德胜", "家栋", "晓峰",
    "振宇", "永康", "立军", "昊天", "少华", "思远", "庆丰", "新民", "浩然", "江波", "成龙", "启航",
    "国平", "天佑", "卫华", "明辉", "学文", "泽宇",
)  # fmt: skip
WOMEN = (
    "秀英", "丽娟", "婷婷", "雅静", "晓燕", "玉梅", "欣怡", "佳琪", "红霞", "梦洁", "桂芳", "思雨",
    "慧敏", "春兰", "海燕", "诗涵", "淑华", "若曦", "小红", "文静", "雪莲", "子涵", "美玲", "爱华",
    "琳", "艳萍", "晨曦", "巧云", "凤仙", "翠兰", "静",
)  # fmt: skip
GIVEN = (*MEN, *WOMEN)


def staff_name(number: int) -> tuple[str, str]:
    """The `number`-th invented colleague: full name, and the surname's pinyin. 59 x 61 names before one returns."""
    surname, pinyin = SURNAMES[number % len(SURNAMES)]
    return surname + GIVEN[(number * 7) % len(GIVEN)], pinyin


def customer_name(rng: Random) -> tuple[str, str]:
    """A customer's full name and how the reply addresses them."""
    surname, woman = rng.choice(SURNAMES)[0], rng.random() < 0.47
    return surname + rng.choice(WOMEN if woman else MEN), surname + ("女士" if woman else "先生")


def customer_phone(rng: Random) -> str:
    """A mobile number in the two ranges kept for invented customers, 138000xxxxx and 139000xxxxx."""
    return f"{rng.choice(('138', '139'))}000{rng.randrange(100_000):05d}"

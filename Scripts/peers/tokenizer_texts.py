"""Texts to compare tokenizers on: difficult cases of splitting and merging in many scripts, and seeded random strings."""

import random

SAMPLE = [
    "", " ", "\n", "a", "The quick brown fox jumps over the lazy dog.", "  leading and trailing  ",
    "it's we're I've I'm you'll he'd don't IT'S WE'RE I'VE I'M YOU'LL HE'D", "'s't're've'm'll'd 's 't ''s '' ' 'x '\u017f 'L\u217c",
    "it\u2019s we\u2019re \u017fhall he'\u017f \u212a 'K '\u212a o'clock", "1 12 123 1234 12345 1234567890 3.14159 1,234,567.89 ½ ² Ⅻ ٣٤٥ १२३ 12a34",
    "a\tb\t\tc\t \td", "a\r\nb\r\n\r\nc\rd\n\n\ne\n \n \n f", " \n \r\n\t\n  x", "x \n", "x\n ", "x  ", "\n\n  \n", "a\u00a0b\u2003c\u3000d\u2028e\u2029f\u0085g",
    "생각하는 모델은 <think>17*3=51</think> 답을 씁니다. 안녕하세요, 세계!", "\u1112\u1161\u11ab\u1100\u1173\u11af \u1112\u1161\u11ab 한글",
    "العربية: مَرْحَبًا بِالعَالَم ١٢٣", "עִבְרִית שָׁלוֹם", "हिन्दी नमस्ते क्षत्रिय", "ไทย สวัสดีชาวโลก ๑๒๓", "日本語のテキスト、漢字とカナ。ガギグ カ\u3099",
    "中文文本,没有空格的句子。", "Ελληνικά ά α\u0301 Ω \u2126", "Русский текст ещё е\u0308 Й И\u0306", "Việt Nam: tiếng Việt e\u0302\u0301 ệ e\u0323\u0302",
    "👩‍👩‍👧‍👦 👍🏽 🇰🇷🇺🇸 ❤️ 🏳️‍🌈 😀😀😀 a😀b", "\U0001d54f\U0001d7d8\U0001d7d9 \U00020000\U0002a6d6 \U0001f9d1\u200d\U0001f680",
    "cafe\u0301 café na\u0131\u0307ve \u0344 \u0340\u0341 \u0958 \ufb1d \ufb01 Å \u212b", "a\u0323\u0307 a\u0307\u0323 q\u0307\u0323 \u0301start",
    "zero\u200bwidth\u200cjoin\u200der\ufeffbom", "".join(map(chr, range(32))), "\x7f\x80\x81\x9f\xa0\xad\xff", "a\x00b\x01c\x1bd[0m",
    "mixed한글andEnglish混合ひらがなРусский123عربي", "snake_case camelCase kebab-case __init__ a_1 _ __", "def f(x):\n    return x ** 2\n\n\nclass A:\n\tpass\n",
    "$12.50 + 30% = #### 42 <<48/2=24>>24 \\frac{1}{2} \\boxed{42} x^2+y^2", "!!!???...---***///", " !  ?   .", "(a) [b] {c} <d> \"e\" `f`",
    "http://example.com/path?query=1&other=two#frag user@example.org", " " * 1000, "\n" * 500, "a" * 3000, "7" * 1000, " a" * 500, "!" * 700,
    "\t" * 100 + "x", " \n" * 200, "é" * 500, "e\u0301" * 500, "한" * 500, "😀" * 300, "\u0301" * 50, "the " * 300, "\r\n" * 200 + " ",
    "<|endoftext|>", "a<|endoftext|>b", "<|endoftext|><|endoftext|>", " <|endoftext|> ", "<|endoftext", "<<|endoftext|>>", "<think>", "</think>",
    "\ufdd0\uffff\U0010ffff\ue000", "\u0378\u1f16", "\U00011de0\U00011de5 \U000323b0\U00033479", "ǅ ǈ ʰ ª º ⁿ ₁ ① ㊀ 〇 〡",
]

_PARTS = [
    "a", "the", "B", " the", "'s", "'LL", "'r", "\u017f", "'\u017f", " ", "  ", "\n", "\r", "\r\n", "\t", "1", "42", "2026", "½", "é", "e\u0301",
    "생각", "😀", "\u00a0", "\u3000", "\u2028", "\u0085", "'", "_", "-", "!?", "\u200d", "\u1160", "\u0301", "\u0323", "<think>", "<|endoftext|>", "<keep>",
]
_PLANES = [(0x20, 0x7f), (0x20, 0x7f), (0, 0x250), (0x300, 0x370), (0x370, 0x800), (0x800, 0x2000), (0x2000, 0x2c00), (0x3000, 0x3400),
           (0x4e00, 0x5000), (0xac00, 0xad00), (0xfb00, 0x10000), (0x1d400, 0x1d800), (0x1f300, 0x1fb00), (0, 0x110000)]


def random_texts(count, seed=7):
    """Random strings: half from the character classes of the expressions, half from a few Unicode blocks each; no surrogates."""
    source = random.Random(seed)

    def character():
        while True:
            code = source.randrange(*source.choice(_PLANES))
            if not 0xD800 <= code < 0xE000:
                return chr(code)

    for index in range(count):
        length = source.randrange(1, 60)
        pick = (lambda: source.choice(_PARTS)) if index % 2 else character
        yield "".join(pick() for _ in range(length))


def every_character():
    """Every character of the planes that hold letters, each between a letter, digits, blanks and a line end; 128 to a text."""
    for start in [*range(0, 0xD800, 128), *range(0xE000, 0x34000, 128), *range(0xE0000, 0xE0200, 128), *range(0xF0000, 0x110000, 8192)]:
        yield "".join(f"a{chr(code)}b1{chr(code)}2 {chr(code)}  {chr(code)}\n!{chr(code)}" for code in range(start, start + 128))


def corpus(count=3000, seed=3):
    """Word problems to train a vocabulary on where no other text is at hand, and the sample with them."""
    source = random.Random(seed)
    names = ["Natalia", "Weng", "Betty", "민수", "Olga", "Ravi", "José", "Aïcha"]
    things = ["clips", "apples", "books", "marbles", "책", "pencils", "stickers", "mangoes"]
    for _ in range(count):
        name, thing, a, b = source.choice(names), source.choice(things), source.randrange(2, 99), source.randrange(2, 2000)
        yield (f"{name} had {a} {thing} and then {source.choice(['bought', 'found', 'was given'])} {b} more. How many {thing} does {name} have"
               f" altogether? It's {a}+{b}=<<{a}+{b}={a + b}>>{a + b}.\n#### {a + b}")
    yield from SAMPLE * 3

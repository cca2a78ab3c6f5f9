"""How to read each column, in plain words, and the order in which columns stand."""

MEASURES = {
    "pesq_wb": "How close it sounds to the original, wide band: 1 is bad, 4.64 the same sound. "
    "Made for telephone codecs; strict with codecs that speak anew.",
    "stoi": "How well the words come through, from 0 to 1, heard in the envelopes of the sound.",
    "estoi": "The same, stricter where the codec roughens the voice.",
    "dnsmos_ovr": "A network's guess at what listeners would say, 1 to 5. It does not know the "
    "original: a clean voice that says something else scores well.",
    "wer": "Of 100 words, how many a recogniser gets wrong. It errs on the original as well: read "
    "what is above that.",
    "likeness": "Is it the same speaker? 1 is the same sound. Others score up to 0.7, and so do "
    "the right ones through a vocoder: read it between codecs of a kind.",
    "f0_corr": "Does the melody follow the original's? 1 is yes, 0 not at all.",
    "f0_rmse_cents": "How far the melody lies off, in hundredths of a semitone.",
    "voicing_error": "Share of the time in which a voiced sound is made voiceless, or the reverse.",
    "dnsmos_sig": "As the overall guess, for the voice alone.",
    "dnsmos_bak": "As the overall guess, for the background alone: noise, hiss, buzz.",
    "pesq_nb": "As PESQ-WB, heard through an old telephone.",
    "plcmos": "A network's guess at how badly lost packets sound, 1 to 5.",
    "nisqa_mos": "Another network's guess at what listeners would say, 1 to 5.",
    "nisqa_noisiness": "The same network on noise alone; 5 is none.",
    "nisqa_discontinuity": "The same network on gaps and jumps alone; 5 is none.",
    "nisqa_coloration": "The same network on colouring alone; 5 is none.",
    "nisqa_loudness": "The same network on loudness alone; 5 is right.",
}
PAYLOAD = "What the codec makes of speech without a pause, counted from its bytes."
PROMISE = "What the codec says that it makes at most, over any minute."
PAUSES = (
    "The same with the pauses of a conversation, in which one talks for 39 % of the time. A codec "
    "that does not know silence is spared it by the talker's browser, as in a call."
)
WIRE = "With the headers of every packet over IPv4 and UDP: what a meter on the line shows."
HEADERS = "Bytes of headers on each packet, and how much speech a packet holds."
ONE_OFF = "Sent once (a voice's timbre), not in the other columns; and the same over a minute."
DELAY = "Of coder and decoder alone, found by laying the sounds over each other."
PROMISED_DELAY = "What the codec says of its delay."
PACKET = "How long speech is gathered before its packet can leave."
SPEED = "Time to work divided by time of speech, on one thread: below 1 keeps up."
STEPS = "Time for one frame: the median, and what 95 of 100 stay below."
COLD = "From the start of a process to the first decoded frame."
MEMORY = "The most that a process needs which does nothing else."
OWN_MEMORY = "The same without Python, numpy and the measurement itself."
TIMES = "How many times as much computing, coder and decoder together."
LOST = (
    "Share of the packets that was really lost: packets of other lengths meet the same luck "
    "otherwise."
)


def words_of(measure: str) -> str:
    return MEASURES.get(measure, "")


def rank(measure: str) -> int:
    """Where its column stands; those that are not known here stand last."""
    order = list(MEASURES)
    return order.index(measure) if measure in order else len(order)

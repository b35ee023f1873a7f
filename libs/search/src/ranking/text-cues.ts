/** Words in square brackets describe an attachment; a name in front is the speaker's. */
const ATTACHMENT = /\[[^\]]*\]/g;
const SENTENCE_END = /(?<=[.!?])\s+|(?<=[。！？])\s*/;
const ASKS = /[?？]$|[吗嗎]$/;

const TIME =
  /\b(?:yesterday|today|tonight|tomorrow|ago|recently|just|since|weekend|week|month|the other day|(?:last|next|this) (?:night|morning|week|weekend|month|year|spring|summer|fall|autumn|winter)|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?:19|20)\d\d|\d+(?:st|nd|rd|th))\b|[昨今明]天|[上下这]个?(?:周|月|星期)|[去今明前]年|昨日|今日|先週|\d[年月日号]|어제|오늘|지난/i;
const NUMBER =
  /\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|dozen|couple|several|few|once|twice|first|second|third)\b|\d|[一二三四五六七八九十两百千几][个次年月天岁人件本只张条]/i;
const NAME_INSIDE_SENTENCE = /[\p{Ll},:;] ["“]?\p{Lu}\p{Ll}{2,}/u;

const ASKS_WHEN =
  /\b(?:when|(?:what|which) (?:date|day|month|year|time)|how long)\b|什么时候|何时|几点|几号|哪[天年]|哪个?月|多久|いつ|언제/i;
const ASKS_NUMBER =
  /\bhow (?:many|much|often|old|far|tall|big)\b|多少|几[个次岁年天人件本]|多[大高远]|いくつ|몇/i;
const ASKS_NAME =
  /\b(?:where|who|whom|whose|which|name of|called|what (?:(?:is|was|are|were) the (?:name|title)|(?:book|game|movie|film|song|band|city|country|state|place|company|brand|show|series)s?))\b|哪[里儿个位]|谁|叫什么|什么名字|どこ|誰|누구|어디/i;

const FIRST_PERSON = /\b(?:I|my|me|I['’](?:m|ve|d|ll)|we|our)\b|我|私|僕|俺|나는|내가/;

/** What kind of answer a query asks for. */
export const asks = {
  when: (query: string): boolean => ASKS_WHEN.test(query),
  number: (query: string): boolean => ASKS_NUMBER.test(query),
  name: (query: string): boolean => ASKS_NAME.test(query),
};

/** Whether a memory has such an answer. `text` is the content without its speaker's name in front. */
export const has = {
  time: (text: string): boolean => TIME.test(text),
  number: (text: string): boolean => NUMBER.test(text),
  name: (text: string): boolean => NAME_INSIDE_SENTENCE.test(text.replace(ATTACHMENT, '')),
};

/** Whether somebody speaks of themselves. */
export const speaksOfSelf = (text: string): boolean => FIRST_PERSON.test(text);

/** Share of its sentences that ask, for a text that ends with a question; else 0. */
export function questionShare(text: string): number {
  const plain = text.replace(ATTACHMENT, '').trim();
  if (!ASKS.test(plain)) return 0;
  const sentences = plain.split(SENTENCE_END).filter((sentence) => sentence.length > 0);
  return sentences.filter((sentence) => ASKS.test(sentence)).length / sentences.length;
}

/** ln(1 + lexemes) / 4, at most 1 (54 lexemes): a very short memory seldom is evidence, a long one is no better. */
export const lengthPrior = ({ length }: { readonly length: number }): number =>
  Math.min(1, Math.log(1 + length) / 4);

/** Takes "Name: " off the front of what that speaker said. */
export function withoutSpeaker(content: string, speaker: string | undefined): string {
  const lead = speaker ? `${speaker}:` : '';
  return lead && content.startsWith(lead) ? content.slice(lead.length).trimStart() : content;
}

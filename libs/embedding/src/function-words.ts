/**
 * English words that say little about a subject: grammar, question words, small talk, and what
 * tokenising leaves of contractions.
 */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are as at be because been before being
  below between both but by can cannot could d did do does doing don down during each few for from
  further get go going got had has have having he her here hers hey hi him his how i if in into is
  it its itself just know let like ll m many me more most much my no nor not now of off oh on once
  only or other our out over own please re really regarding s same she should so some such t tell
  than that the their them then there these they this those through to too under until up ve very
  was we well were what when where which while who whom whose why will with would yeah yes you your
  yours`.split(/\s+/),
);

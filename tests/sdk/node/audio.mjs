// Speech and transcription by the stock OpenAI SDK; one JSON line a case.
import { createReadStream } from "node:fs";
import OpenAI from "openai";

const [url, key, path] = process.argv.slice(2);
const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
const say = (what, fields) => console.log(JSON.stringify({ what, ...fields }));
const input = "Good morning from the gateway.";

for (const [what, model, voice] of [["speech", "gpt-4o-mini-tts", "alloy"], ["wav", "gemini-2.5-flash-preview-tts", "Kore"]]) {
  const answer = await client.audio.speech.create({ model, voice, input });
  const data = Buffer.from(await answer.arrayBuffer());
  say(what, { type: answer.headers.get("content-type"), bytes: data.length, start: data.toString("latin1", 0, 4) });
}

for (const model of ["whisper-1", "gpt-4o-transcribe", "gemini-2.5-flash-transcribe"]) {
  const answer = await client.audio.transcriptions.create({ model, file: createReadStream(path) });
  say(model, { text: answer.text });
}

let text = "";
const events = await client.audio.transcriptions.create({
  model: "gpt-4o-mini-transcribe", file: createReadStream(path), stream: true,
});
for await (const event of events) {
  if (event.type === "transcript.text.delta") text += event.delta;
}
say("stream", { text });

const translated = await client.audio.translations.create({ model: "whisper-1", file: createReadStream(path) });
say("translation", { text: translated.text });

try {
  await client.audio.transcriptions.create({
    model: "gemini-2.5-flash-transcribe", file: createReadStream(path), response_format: "srt",
  });
} catch (error) {
  say("refused", { status: error.status, param: error.param });
}

import OpenAI from "openai";

const client = new OpenAI({
  apiKey: process.argv[3],
  baseURL: `${process.argv[2]}/v1`,
});

const response = await client.chat.completions.create({
  model: "claude-3-5-sonnet-20241022", // call Claude through OpenAI protocol
  messages: [
    { role: "user", content: "Explain quantum entanglement simply." },
  ],
});

console.log(response.choices[0].message.content);

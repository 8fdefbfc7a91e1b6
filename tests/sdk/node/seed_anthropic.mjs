import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({
  apiKey: process.argv[3],
  baseURL: process.argv[2],
});

const response = await client.messages.create({
  model: "claude-3-5-sonnet-20241022",
  max_tokens: 1024,
  messages: [
    { role: "user", content: "Explain Rust's borrow checker." },
  ],
});

console.log(response.content[0].text);

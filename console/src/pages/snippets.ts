import { API } from "../api/client";

interface Facts {
  id: string;
  key: string;
  kind: string;
}
type Snippet = readonly [id: string, title: string, text: string];

const HELLO = "Hello!";

/** A call of the model in each client, as docs/clients has them, with this gateway's address and the key that is signed in. */
export function snippets({ id, key, kind }: Facts): Snippet[] {
  const v1 = `${API}/v1`;
  if (kind !== "chat") return media(id, key, kind, v1);
  return [
    ["curl", "curl", `curl ${v1}/chat/completions \\\n  -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\\n  -d '{"model": "${id}", "messages": [{"role": "user", "content": "${HELLO}"}]}'`],
    ["openai-py", "Python · OpenAI", `from openai import OpenAI\n\nclient = OpenAI(base_url="${v1}", api_key="${key}")\nanswer = client.chat.completions.create(\n    model="${id}",\n    messages=[{"role": "user", "content": "${HELLO}"}],\n)\nprint(answer.choices[0].message.content)`],
    ["anthropic-py", "Python · Anthropic", `from anthropic import Anthropic\n\nclient = Anthropic(base_url="${API}", api_key="${key}")\nanswer = client.messages.create(\n    model="${id}",\n    max_tokens=1024,\n    messages=[{"role": "user", "content": "${HELLO}"}],\n)\nprint(answer.content[-1].text)`],
    ["openai-js", "Node · OpenAI", `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${v1}", apiKey: "${key}" });\nconst answer = await client.chat.completions.create({\n  model: "${id}",\n  messages: [{ role: "user", content: "${HELLO}" }],\n});\nconsole.log(answer.choices[0].message.content);`],
    ["anthropic-js", "Node · Anthropic", `import Anthropic from "@anthropic-ai/sdk";\n\nconst client = new Anthropic({ baseURL: "${API}", apiKey: "${key}" });\nconst answer = await client.messages.create({\n  model: "${id}",\n  max_tokens: 1024,\n  messages: [{ role: "user", content: "${HELLO}" }],\n});\nconsole.log(answer.content.at(-1).text);`],
    ["claude-code", "Claude Code", `export ANTHROPIC_BASE_URL=${API}\nexport ANTHROPIC_AUTH_TOKEN=${key}\nexport ANTHROPIC_API_KEY=\nexport ANTHROPIC_DEFAULT_OPUS_MODEL=${id}\nexport ANTHROPIC_DEFAULT_SONNET_MODEL=${id}\nexport ANTHROPIC_DEFAULT_HAIKU_MODEL=${id}\nclaude`],
    ["codex", "Codex", `# ~/.codex/config.toml; export INTERCHANGE_KEY=${key}\nmodel = "${id}"\nmodel_provider = "interchange"\n\n[model_providers.interchange]\nname = "Interchange"\nbase_url = "${v1}"\nenv_key = "INTERCHANGE_KEY"\nwire_api = "responses"`],
    ["opencode", "opencode", `{\n  "provider": {\n    "interchange": {\n      "npm": "@ai-sdk/openai-compatible",\n      "options": { "baseURL": "${v1}", "apiKey": "${key}" },\n      "models": { "${id}": {} }\n    }\n  }\n}`],
    ["cursor", "Cursor", `OpenAI API Key: ${key}\nOverride OpenAI Base URL: ${v1}\nModel: ${id}`],
    ["cline", "Cline", `API Provider: OpenAI Compatible\nBase URL: ${v1}\nAPI Key: ${key}\nModel ID: ${id}`],
    ["langchain", "LangChain", `from langchain_openai import ChatOpenAI\n\nmodel = ChatOpenAI(model="${id}", base_url="${v1}", api_key="${key}")\nprint(model.invoke("${HELLO}").text)`],
    ["llamaindex", "LlamaIndex", `from llama_index.llms.openai_like import OpenAILike\n\nmodel = OpenAILike(model="${id}", api_base="${v1}", api_key="${key}", is_chat_model=True)\nprint(model.complete("${HELLO}"))`],
    ["ai-sdk", "AI SDK", `import { createOpenAICompatible } from "@ai-sdk/openai-compatible";\nimport { generateText } from "ai";\n\nconst interchange = createOpenAICompatible({ name: "interchange", baseURL: "${v1}", apiKey: "${key}" });\nconst { text } = await generateText({ model: interchange("${id}"), prompt: "${HELLO}" });\nconsole.log(text);`],
    ["agents", "OpenAI Agents SDK", `from agents import Agent, OpenAIResponsesModel, Runner\nfrom openai import AsyncOpenAI\n\nclient = AsyncOpenAI(base_url="${v1}", api_key="${key}")\nagent = Agent(name="Assistant", model=OpenAIResponsesModel(model="${id}", openai_client=client))\nprint(Runner.run_sync(agent, "${HELLO}").final_output)`],
    ["pydantic-ai", "pydantic-ai", `from pydantic_ai import Agent\nfrom pydantic_ai.models.openai import OpenAIChatModel\nfrom pydantic_ai.providers.openai import OpenAIProvider\n\nprovider = OpenAIProvider(base_url="${v1}", api_key="${key}")\nprint(Agent(OpenAIChatModel("${id}", provider=provider)).run_sync("${HELLO}").output)`],
    ["litellm", "LiteLLM", `import litellm\n\nanswer = litellm.completion(\n    model="openai/${id}",\n    api_base="${v1}",\n    api_key="${key}",\n    messages=[{"role": "user", "content": "${HELLO}"}],\n)\nprint(answer.choices[0].message.content)`],
    ["open-webui", "Open WebUI", `docker run -d -p 3000:8080 \\\n  -e OPENAI_API_BASE_URL=${v1} -e OPENAI_API_KEY=${key} \\\n  ghcr.io/open-webui/open-webui:main`],
  ];
}

function media(id: string, key: string, kind: string, v1: string): Snippet[] {
  const json = (path: string, body: string, more = "") =>
    `curl ${v1}${path} \\\n  -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\\n  -d '${body}'${more}`;
  const python = (call: string) => `from openai import OpenAI\n\nclient = OpenAI(base_url="${v1}", api_key="${key}")\n${call}`;
  const calls: Record<string, [string, string]> = {
    embedding: [json("/embeddings", `{"model": "${id}", "input": "${HELLO}"}`), `print(client.embeddings.create(model="${id}", input="${HELLO}").data[0].embedding[:3])`],
    image: [json("/images/generations", `{"model": "${id}", "prompt": "A lighthouse at dusk"}`), `print(client.images.generate(model="${id}", prompt="A lighthouse at dusk").data[0])`],
    speech: [json("/audio/speech", `{"model": "${id}", "voice": "alloy", "input": "Good morning."}`, " -o morning.mp3"), `client.audio.speech.create(model="${id}", voice="alloy", input="Good morning.").write_to_file("morning.mp3")`],
    transcription: [`curl ${v1}/audio/transcriptions \\\n  -H "Authorization: Bearer ${key}" -F model=${id} -F file=@morning.mp3`, `print(client.audio.transcriptions.create(model="${id}", file=open("morning.mp3", "rb")).text)`],
    moderation: [json("/moderations", `{"model": "${id}", "input": "${HELLO}"}`), `print(client.moderations.create(model="${id}", input="${HELLO}").results[0])`],
  };
  const [curl, call] = calls[kind] ?? ["", ""];
  return [
    ["curl", "curl", curl],
    ["openai-py", "Python · OpenAI", python(call)],
  ];
}

// Made from the gateway's OpenAPI document by scripts/types.mjs.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One event of the stream, as JSON in its `data` lines; comments (`:`) keep a silent stream alive. */
        Event: {
            event?: string;
            data: string;
        };
        Error: {
            error: components["schemas"]["ErrorDetail"];
        } & {
            [key: string]: unknown;
        };
        ErrorDetail: {
            message: string;
            type: string;
            /** @description The field that is wrong. */
            param?: string | null;
            code?: string | null;
        } & {
            [key: string]: unknown;
        };
        ChatRequest: {
            /** @description An id or an alias of GET /v1/models, such as claude-sonnet-4-5. */
            model: string;
            messages: components["schemas"]["ChatMessage"][];
            /** @default false */
            stream: boolean | null;
            stream_options?: {
                include_usage?: boolean | null;
            } | null;
            /** @description Output tokens at most; reasoning counts. */
            max_completion_tokens?: number | null;
            /** @description The older name of `max_completion_tokens`. */
            max_tokens?: number | null;
            temperature?: number | null;
            top_p?: number | null;
            n?: number | null;
            stop?: string | string[] | null;
            seed?: number | null;
            presence_penalty?: number | null;
            frequency_penalty?: number | null;
            logit_bias?: {
                [key: string]: number;
            } | null;
            logprobs?: boolean | null;
            top_logprobs?: number | null;
            /**
             * @example low
             * @example medium
             * @example high
             */
            reasoning_effort?: string | null;
            response_format?: {
                /** @enum {string} */
                type: "text" | "json_object" | "json_schema";
                json_schema?: {
                    name: string;
                    schema?: Record<string, never>;
                    strict?: boolean | null;
                };
            } | null;
            tools?: components["schemas"]["ChatTool"][] | null;
            /** @description none, auto, required, or one tool. */
            tool_choice?: string | Record<string, never> | null;
            parallel_tool_calls?: boolean | null;
            /** @description Kept in the row (256 characters); usage can be summed by it. */
            user?: string | null;
            /** @description Kept in the row; 16 pairs. */
            metadata?: {
                [key: string]: string;
            } | null;
            usage?: {
                /** @description The charge as `usage.cost`. */
                include: boolean;
            };
        } & {
            [key: string]: unknown;
        };
        /** @description By its role. */
        ChatMessage: components["schemas"]["ChatInstructions"] | components["schemas"]["ChatUserMessage"] | components["schemas"]["ChatAssistantMessage"] | components["schemas"]["ChatToolMessage"];
        ChatInstructions: {
            /** @enum {string} */
            role: "system" | "developer";
            content: components["schemas"]["ChatText"];
            name?: string | null;
        } & {
            [key: string]: unknown;
        };
        ChatUserMessage: {
            /** @constant */
            role: "user";
            /** @description Text, or parts (text, image_url, input_audio, file). */
            content: string | components["schemas"]["ChatPart"][];
            name?: string | null;
        } & {
            [key: string]: unknown;
        };
        /** @description Content, calls of tools, or both. */
        ChatAssistantMessage: {
            /** @constant */
            role: "assistant";
            content?: components["schemas"]["ChatText"] | null;
            name?: string | null;
            tool_calls?: components["schemas"]["ChatToolCall"][] | null;
            /** @description Reasoning state of an earlier answer; send it back as it came. */
            reasoning_details?: unknown[] | null;
        } & {
            [key: string]: unknown;
        };
        /** @description The result of a call; it stands behind the message that made the call. */
        ChatToolMessage: {
            /** @constant */
            role: "tool";
            content: components["schemas"]["ChatText"];
            tool_call_id: string;
        } & {
            [key: string]: unknown;
        };
        /** @description Text, or parts of text. */
        ChatText: string | components["schemas"]["ChatTextPart"][];
        ChatPart: components["schemas"]["ChatTextPart"] | {
            /** @constant */
            type: "image_url";
            image_url: {
                /** @description An https or data URL. */
                url: string;
                /** @enum {string} */
                detail?: "auto" | "low" | "high";
            };
        } | {
            /** @constant */
            type: "input_audio";
            input_audio: {
                data: string;
                /**
                 * @example wav
                 * @example mp3
                 */
                format: string;
            };
        } | {
            /** @constant */
            type: "file";
            /** @description Its bytes as a data URL, or the id of an upload. */
            file: {
                file_data?: string;
                filename?: string;
                file_id?: string;
            } | unknown | unknown;
        };
        ChatTextPart: {
            /** @constant */
            type: "text";
            text: string;
        };
        ChatTool: {
            /** @example function */
            type: string;
            function?: {
                name: string;
                description?: string | null;
                /** @description A JSON schema. */
                parameters?: Record<string, never> | null;
                strict?: boolean | null;
            };
        } & {
            [key: string]: unknown;
        };
        ChatToolCall: {
            id: string;
            /** @example function */
            type: string;
            function?: {
                name: string;
                /** @description JSON as the model wrote it. */
                arguments: string;
            };
        } & {
            [key: string]: unknown;
        };
        ChatCompletion: {
            id: string;
            /** @constant */
            object: "chat.completion";
            created: number;
            model: string;
            choices: ({
                index: number;
                /**
                 * @example stop
                 * @example length
                 * @example tool_calls
                 * @example content_filter
                 */
                finish_reason: string | null;
                message: {
                    /** @constant */
                    role: "assistant";
                    content: string | null;
                    refusal?: string | null;
                    reasoning_content?: string | null;
                    reasoning_details?: unknown[];
                    tool_calls?: components["schemas"]["ChatToolCall"][];
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[];
            usage?: components["schemas"]["ChatUsage"];
        } & {
            [key: string]: unknown;
        };
        ChatCompletionChunk: {
            id: string;
            /** @constant */
            object: "chat.completion.chunk";
            created: number;
            model: string;
            choices: ({
                index: number;
                finish_reason?: string | null;
                delta: {
                    role?: string;
                    content?: string | null;
                    reasoning_content?: string | null;
                    tool_calls?: unknown[];
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[];
            usage?: components["schemas"]["ChatUsage"] | null;
        } & {
            [key: string]: unknown;
        };
        ChatUsage: {
            prompt_tokens: number;
            completion_tokens: number;
            total_tokens: number;
            prompt_tokens_details?: {
                cached_tokens?: number | null;
                audio_tokens?: number | null;
            } | null;
            completion_tokens_details?: {
                reasoning_tokens?: number | null;
                audio_tokens?: number | null;
            } | null;
            /** @description The charge in USD, where it was asked for. */
            cost?: number | string;
        } & {
            [key: string]: unknown;
        };
        MessagesRequest: {
            /** @description An id or an alias of GET /v1/models, such as gpt-5. */
            model: string;
            max_tokens: number;
            messages: components["schemas"]["MessageParam"][];
            system?: components["schemas"]["SystemText"];
            /** @default false */
            stream: boolean;
            temperature?: number;
            top_p?: number;
            top_k?: number;
            stop_sequences?: string[];
            thinking?: {
                /**
                 * @example enabled
                 * @example adaptive
                 * @example disabled
                 */
                type: string;
                budget_tokens?: number;
            } & {
                [key: string]: unknown;
            };
            tools?: components["schemas"]["MessagesTool"][];
            tool_choice?: {
                /** @enum {string} */
                type: "auto" | "any" | "tool" | "none";
                name?: string;
            } & {
                [key: string]: unknown;
            };
            metadata?: {
                /** @description Kept in the row; usage can be summed by it. */
                user_id?: string | null;
            };
            usage?: {
                /** @description The charge as `usage.cost`. */
                include: boolean;
            };
        } & {
            [key: string]: unknown;
        };
        CountRequest: {
            model: string;
            messages: components["schemas"]["MessageParam"][];
            system?: components["schemas"]["SystemText"];
            tools?: components["schemas"]["MessagesTool"][];
        } & {
            [key: string]: unknown;
        };
        MessageParam: {
            /** @enum {string} */
            role: "user" | "assistant";
            content: string | components["schemas"]["BlockParam"][];
        } & {
            [key: string]: unknown;
        };
        /** @description Text, or blocks of it. */
        SystemText: string | components["schemas"]["TextBlockParam"][];
        TextBlockParam: {
            /** @constant */
            type: "text";
            text: string;
            cache_control?: components["schemas"]["CacheControl"];
        };
        CacheControl: {
            /** @constant */
            type: "ephemeral";
            /** @enum {string} */
            ttl?: "5m" | "1h";
        } | null;
        /** @description By its type. A result stands in the message behind the one that made the call. */
        BlockParam: components["schemas"]["TextBlockParam"] | {
            /** @enum {string} */
            type: "image" | "document";
            source: {
                /** @enum {string} */
                type: "base64" | "url" | "text" | "file";
                media_type?: string;
                data?: string;
                url?: string;
                file_id?: string;
            };
            cache_control?: components["schemas"]["CacheControl"];
        } | {
            /** @constant */
            type: "thinking";
            thinking: string;
            signature: string;
        } | {
            /** @constant */
            type: "redacted_thinking";
            data: string;
        } | {
            /** @constant */
            type: "tool_use";
            id: string;
            name: string;
            input: Record<string, never>;
            cache_control?: components["schemas"]["CacheControl"];
        } | {
            /** @constant */
            type: "tool_result";
            tool_use_id: string;
            content?: string | components["schemas"]["TextBlockParam"][];
            is_error?: boolean;
            cache_control?: components["schemas"]["CacheControl"];
        };
        ContentBlock: {
            /**
             * @example text
             * @example image
             * @example document
             * @example thinking
             * @example redacted_thinking
             * @example tool_use
             * @example tool_result
             */
            type: string;
            text?: string;
            cache_control?: {
                /** @constant */
                type: "ephemeral";
                /** @enum {string} */
                ttl?: "5m" | "1h";
            } | null;
        } & {
            [key: string]: unknown;
        };
        MessagesTool: ({
            name: string;
            /** @description custom, unless it is a tool of Anthropic's own */
            type?: string | null;
            description?: string | null;
            /** @description A JSON schema. A custom tool has one. */
            input_schema?: Record<string, never>;
        } & {
            [key: string]: unknown;
        }) | unknown | {
            type: string;
        };
        Message: {
            id: string;
            /** @constant */
            type: "message";
            /** @constant */
            role: "assistant";
            model: string;
            content: components["schemas"]["ContentBlock"][];
            /**
             * @example end_turn
             * @example max_tokens
             * @example stop_sequence
             * @example tool_use
             * @example refusal
             */
            stop_reason: string | null;
            stop_sequence?: string | null;
            usage: components["schemas"]["MessagesUsage"];
        } & {
            [key: string]: unknown;
        };
        MessagesUsage: {
            input_tokens: number;
            output_tokens: number;
            cache_read_input_tokens?: number | null;
            cache_creation_input_tokens?: number | null;
            /** @description The charge in USD, where it was asked for. */
            cost?: number | string;
        } & {
            [key: string]: unknown;
        };
        MessagesError: {
            /** @constant */
            type: "error";
            request_id?: string | null;
            error: {
                type: string;
                message: string;
            } & {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        ResponsesRequest: {
            /** @description An id or an alias of GET /v1/models, such as gpt-5. */
            model: string;
            /** @description Text, or items. */
            input: string | Record<string, never>[];
            instructions?: string | null;
            previous_response_id?: string | null;
            /** @default true */
            store: boolean | null;
            /** @default false */
            stream: boolean | null;
            max_output_tokens?: number | null;
            temperature?: number | null;
            top_p?: number | null;
            reasoning?: ({
                effort?: string | null;
                summary?: string | null;
            } & {
                [key: string]: unknown;
            }) | null;
            text?: ({
                format?: Record<string, never>;
                verbosity?: string | null;
            } & {
                [key: string]: unknown;
            }) | null;
            tools?: {
                type: string;
            }[] | null;
            tool_choice?: string | Record<string, never> | null;
            parallel_tool_calls?: boolean | null;
            include?: string[] | null;
            /** @enum {string|null} */
            truncation?: "auto" | "disabled" | null;
            user?: string | null;
            metadata?: {
                [key: string]: string;
            } | null;
            usage?: {
                /** @description The charge as `usage.cost`. */
                include: boolean;
            };
        } & {
            [key: string]: unknown;
        };
        Response: {
            id: string;
            /** @constant */
            object: "response";
            created_at?: number | null;
            /**
             * @example completed
             * @example incomplete
             * @example failed
             */
            status: string;
            model?: string;
            output: {
                type: string;
            }[];
            usage?: ({
                input_tokens?: number;
                output_tokens?: number;
                total_tokens?: number;
                /** @description The charge in USD, where it was asked for. */
                cost?: number | string;
            } & {
                [key: string]: unknown;
            }) | null;
        } & {
            [key: string]: unknown;
        };
        /** Account */
        Account: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Active */
            active: boolean;
            /**
             * Available Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            available_usd: string;
            /**
             * Held Usd
             * @description set aside for requests that run
             * @example 12.5
             * @example -0.000012
             */
            held_usd: string;
            /**
             * Charged Usd
             * @description spent in all
             * @example 12.5
             * @example -0.000012
             */
            charged_usd: string;
            /**
             * Credited Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            credited_usd: string;
            /** Low Balance Usd */
            low_balance_usd?: string | null;
            /**
             * Zone
             * @description the time zone of its statements, and of new keys' limits
             * @example UTC
             */
            zone: string;
            /**
             * Burn Per Day Usd
             * @description the mean of the last seven days that are over
             * @example 12.5
             * @example -0.000012
             */
            burn_per_day_usd: string;
            /**
             * Days Left
             * @description at that rate; null where nothing was spent
             */
            days_left: number | null;
            /** Credits */
            credits: components["schemas"]["Credit"][];
            auto_topup?: components["schemas"]["TopUp"] | null;
            notices: components["schemas"]["Notices"];
        };
        /**
         * AccountChange
         * @description At least one of both.
         */
        AccountChange: {
            /** @description null switches it off */
            auto_topup?: components["schemas"]["TopUpRule"] | null;
            /** @description where the owner is told of things */
            notices?: components["schemas"]["NoticesChange"] | null;
        };
        /**
         * ChargeLine
         * @description A factor of a charge: `quantity` units of `kind` at `rate_usd` per `per` units, before the markup.
         */
        ChargeLine: {
            /** Kind */
            kind: string;
            /** Quantity */
            quantity: number;
            /**
             * Rate Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            rate_usd: string;
            /** Per */
            per: number;
            /**
             * Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            usd: string;
        };
        /** Checkout */
        Checkout: {
            /** Id */
            id: string;
            /**
             * Url
             * @description where the customer pays
             */
            url: string;
            /**
             * Expires
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            expires: string;
        };
        /** Credit */
        Credit: {
            /** Id */
            id: string;
            /**
             * Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            usd: string;
            /**
             * Left Usd
             * @description what is left of a grant; absent for a deduction
             */
            left_usd?: string | null;
            /** Reason */
            reason: string;
            /** Source */
            source: string;
            /**
             * Created
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            created: string;
            /** Expires */
            expires?: string | null;
        };
        /** Key */
        Key: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "ordinary" | "management";
            /**
             * Status
             * @enum {string}
             */
            status: "active" | "revoked";
            /**
             * Created
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            created: string;
            /** Revoked */
            revoked?: string | null;
            /**
             * Limits
             * @description as in a new key; without what is not limited
             */
            limits: {
                [key: string]: unknown;
            };
            left: components["schemas"]["Left"];
        };
        /**
         * KeyChange
         * @description At least one of both.
         */
        KeyChange: {
            /** Name */
            name?: string;
            /** @description what is not named stays */
            limits?: components["schemas"]["Limits"];
        } | unknown | {
            limits: unknown;
        };
        /** Keys */
        Keys: {
            /** Data */
            data: components["schemas"]["Key"][];
        };
        /**
         * Left
         * @description The rest of each limit; null where there is none.
         */
        Left: {
            /** Spend Usd */
            spend_usd: string | null;
            /** Spend Per Day Usd */
            spend_per_day_usd: string | null;
            /** Spend Per Week Usd */
            spend_per_week_usd: string | null;
            /** Spend Per Month Usd */
            spend_per_month_usd: string | null;
            /** Requests Per Minute */
            requests_per_minute: number | null;
            /** Tokens Per Minute */
            tokens_per_minute: number | null;
            /** Concurrent */
            concurrent: number | null;
        };
        /**
         * Limits
         * @description Limits; what is not named is not limited. In a change, null takes a limit away.
         */
        Limits: {
            /**
             * Spend Usd
             * @description what the key may spend in all
             */
            spend_usd?: string | null;
            /**
             * Spend Per Day Usd
             * @description what it may spend in a calendar day
             */
            spend_per_day_usd?: string | null;
            /**
             * Spend Per Week Usd
             * @description what it may spend in a week, from Monday on
             */
            spend_per_week_usd?: string | null;
            /**
             * Spend Per Month Usd
             * @description what it may spend in a calendar month
             */
            spend_per_month_usd?: string | null;
            /**
             * Zone
             * @description whose days, weeks and months; else UTC
             * @example Europe/Berlin
             */
            zone?: string | null;
            /**
             * Concurrent
             * @description requests at the same moment
             */
            concurrent?: number | null;
            /** Requests Per Minute */
            requests_per_minute?: number | null;
            /** Tokens Per Minute */
            tokens_per_minute?: number | null;
            /**
             * Allowed Models
             * @example [
             *       "claude-*",
             *       "gpt-5"
             *     ]
             */
            allowed_models?: string[] | null;
            /**
             * Allowed Networks
             * @example [
             *       "10.0.0.0/8"
             *     ]
             */
            allowed_networks?: string[] | null;
            /**
             * Expires
             * @description a date, a date and time, or a span from now
             * @example 30d
             */
            expires?: string | null;
        };
        /** Loss */
        Loss: {
            /** Path */
            path: string;
            /** Words */
            words: string;
        };
        /** MadeKey */
        MadeKey: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "ordinary" | "management";
            /**
             * Status
             * @enum {string}
             */
            status: "active" | "revoked";
            /**
             * Created
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            created: string;
            /** Revoked */
            revoked?: string | null;
            /**
             * Limits
             * @description as in a new key; without what is not limited
             */
            limits: {
                [key: string]: unknown;
            };
            left: components["schemas"]["Left"];
            /**
             * Key
             * @description the secret: shown now and never again
             */
            key: string;
        };
        /** NewCheckout */
        NewCheckout: {
            /**
             * Usd
             * @description how much credit to buy
             * @example 12.5
             */
            usd: string;
            /**
             * Return Url
             * @description where the customer comes back to; the operator's unless given
             */
            return_url?: string | null;
            /**
             * Keep Card
             * @description so that `auto_topup` can charge it
             * @default false
             */
            keep_card: boolean;
        };
        /** NewKey */
        NewKey: {
            /** Name */
            name: string;
            /**
             * Kind
             * @default ordinary
             * @enum {string}
             */
            kind: "ordinary" | "management";
            /** @default {} */
            limits: components["schemas"]["Limits"];
        };
        /** Notices */
        Notices: {
            /**
             * Email
             * @description is told of low balances, caps, keys and models that end
             */
            email?: string | null;
            /**
             * Email Asked
             * @description waits for the code that was sent to it
             */
            email_asked?: string | null;
            /** Webhook */
            webhook?: string | null;
            /**
             * Webhook Secret
             * @description signs the calls; in the answer that set it only
             */
            webhook_secret?: string | null;
        };
        /**
         * NoticesChange
         * @description Changes of the owner's addresses: what is named is changed, null takes it away.
         */
        NoticesChange: {
            /**
             * Email
             * @description is told of things once it is confirmed
             */
            email?: string | null;
            /**
             * Email Code
             * @description the code that was sent to the address
             */
            email_code?: string | null;
            /**
             * Webhook
             * @description https: it gets signed calls
             */
            webhook?: string | null;
        };
        /**
         * Presigned
         * @description The place where a file is put, and how.
         */
        Presigned: {
            /**
             * File Id
             * @description What the request that follows sends as `file_id`.
             */
            file_id: string;
            /** Url */
            url: string;
            /** Method */
            method: string;
            /** Headers */
            headers: {
                [key: string]: string;
            };
            /**
             * Expires At
             * @description Seconds since 1970.
             */
            expires_at: number;
            /** Max Bytes */
            max_bytes: number;
        };
        /** Redeemed */
        Redeemed: {
            /**
             * Credit Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            credit_usd: string;
            /**
             * Credited Now
             * @description false where this account had redeemed the code before
             */
            credited_now: boolean;
            /**
             * Available Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            available_usd: string;
        };
        /** Redemption */
        Redemption: {
            /** Code */
            code: string;
        };
        /**
         * RequestAccount
         * @description A request's whole account: from these tokens, prices and markup its charge can be reckoned again.
         */
        RequestAccount: {
            /** Id */
            id: string;
            /**
             * Created
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            created: string;
            /** Key */
            key: string;
            /** Model */
            model: string;
            /** Family */
            family: string;
            /** Protocol */
            protocol: string;
            /** Provider */
            provider: string;
            /** Stream */
            stream: boolean;
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "ok" | "client_gone" | "truncated" | "upstream_error";
            /** Status */
            status: number;
            /** Input Tokens */
            input_tokens: number;
            /** Cached Tokens */
            cached_tokens: number;
            /** Output Tokens */
            output_tokens: number;
            /** Reasoning Tokens */
            reasoning_tokens: number;
            /**
             * Charge Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            charge_usd: string;
            /** First Byte Ms */
            first_byte_ms: number | null;
            /** Total Ms */
            total_ms: number;
            /**
             * Dropped
             * @description paths of the fields that did not reach the model
             */
            dropped: string[];
            /** User */
            user: string | null;
            /** Tags */
            tags: string[];
            /** Metadata */
            metadata: {
                [key: string]: string;
            };
            /**
             * Usage
             * @description tokens and units by kind, each counted once; without zeros
             */
            usage: {
                [key: string]: unknown;
            };
            /**
             * Prices
             * @description USD per million tokens, or per unit
             */
            prices: {
                [key: string]: unknown;
            };
            /**
             * Lines
             * @description what was counted, at the rates of its size, tier and region: times the markup, and rounded up once, they are the cost. The charge is that, or less where it would be above what was set aside
             */
            lines: components["schemas"]["ChargeLine"][];
            /** Price Version */
            price_version: string;
            /** Markup */
            markup: string;
            /**
             * Hold Usd
             * @description what was set aside beforehand; no charge is above it
             * @example 12.5
             * @example -0.000012
             */
            hold_usd: string;
            /**
             * Lane
             * @description pass-through, or translate
             */
            lane: string;
            /** Upstream Model */
            upstream_model: string;
            /** Tries */
            tries: components["schemas"]["Tried"][];
            /**
             * Rounds
             * @description where the request took several, by the tools of MCP servers
             */
            rounds: components["schemas"]["Round"][];
            /** Losses */
            losses: components["schemas"]["Loss"][];
        };
        /** RequestLine */
        RequestLine: {
            /** Id */
            id: string;
            /**
             * Created
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            created: string;
            /** Key */
            key: string;
            /** Model */
            model: string;
            /** Family */
            family: string;
            /** Protocol */
            protocol: string;
            /** Provider */
            provider: string;
            /** Stream */
            stream: boolean;
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "ok" | "client_gone" | "truncated" | "upstream_error";
            /** Status */
            status: number;
            /** Input Tokens */
            input_tokens: number;
            /** Cached Tokens */
            cached_tokens: number;
            /** Output Tokens */
            output_tokens: number;
            /** Reasoning Tokens */
            reasoning_tokens: number;
            /**
             * Charge Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            charge_usd: string;
            /** First Byte Ms */
            first_byte_ms: number | null;
            /** Total Ms */
            total_ms: number;
            /**
             * Dropped
             * @description paths of the fields that did not reach the model
             */
            dropped: string[];
            /** User */
            user: string | null;
            /** Tags */
            tags: string[];
            /** Metadata */
            metadata: {
                [key: string]: string;
            };
        };
        /** Requests */
        Requests: {
            /** Data */
            data: components["schemas"]["RequestLine"][];
            /**
             * Next Cursor
             * @description `cursor` of the next page; null behind the last
             */
            next_cursor: string | null;
        };
        /** RotatedKey */
        RotatedKey: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "ordinary" | "management";
            /**
             * Status
             * @enum {string}
             */
            status: "active" | "revoked";
            /**
             * Created
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            created: string;
            /** Revoked */
            revoked?: string | null;
            /**
             * Limits
             * @description as in a new key; without what is not limited
             */
            limits: {
                [key: string]: unknown;
            };
            left: components["schemas"]["Left"];
            /**
             * Key
             * @description the secret: shown now and never again
             */
            key: string;
            /**
             * Old Until
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            old_until: string;
        };
        /** Rotation */
        Rotation: {
            /**
             * Old Until
             * @description until when the secret before is good: a date, or a span from now
             * @default 1d
             */
            old_until: string;
        };
        /**
         * Round
         * @description One of several calls of the model that served one request, charged for itself.
         */
        Round: {
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            /**
             * Usage
             * @description as the request's own, which is the sum
             */
            usage: {
                [key: string]: unknown;
            };
            /** Milliseconds */
            milliseconds: number;
            /**
             * Calls
             * @description tools of MCP servers ("server.tool"); with a "!" behind, those that failed
             */
            calls: string[];
        };
        /**
         * Statement
         * @description opening + credited + refunded + adjusted - charged = closing, to the nano-dollar.
         */
        Statement: {
            /** Account */
            account: string;
            /** Name */
            name: string;
            /** Month */
            month: string;
            /**
             * Until
             * @description the last day that is in it
             */
            until: string;
            /**
             * Zone
             * @description whose month it is
             * @example UTC
             * @example Europe/Berlin
             */
            zone: string;
            /**
             * Opening Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            opening_usd: string;
            /**
             * Credited Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            credited_usd: string;
            /**
             * Refunded Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            refunded_usd: string;
            /**
             * Adjusted Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            adjusted_usd: string;
            /**
             * Charged Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            charged_usd: string;
            /**
             * Closing Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            closing_usd: string;
            /** Credits */
            credits: components["schemas"]["StatementEntry"][];
            /** Refunds */
            refunds: components["schemas"]["StatementEntry"][];
            /** Adjustments */
            adjustments: components["schemas"]["StatementEntry"][];
            /** Charges */
            charges: components["schemas"]["StatementCharge"][];
            /**
             * Difference Usd
             * @description of a month that is not over: what the ledger has beside these sums, 0 at rest
             */
            difference_usd?: string | null;
        };
        /** StatementCharge */
        StatementCharge: {
            /** Model */
            model: string;
            /** Requests */
            requests: number;
            /** Input Tokens */
            input_tokens: number;
            /** Output Tokens */
            output_tokens: number;
            /**
             * Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            usd: string;
        };
        /** StatementEntry */
        StatementEntry: {
            /**
             * Day
             * @description its day in the statement's zone
             * @example 2026-11-30
             */
            day: string;
            /**
             * Date
             * @description RFC 3339, UTC
             * @example 2027-01-31T12:00:00Z
             */
            date: string;
            /** Id */
            id: string;
            /** Source */
            source: string;
            /** Reason */
            reason: string;
            /**
             * Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            usd: string;
        };
        /** TopUp */
        TopUp: {
            /**
             * Below Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            below_usd: string;
            /**
             * Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            usd: string;
            /**
             * Most Per Month Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            most_per_month_usd: string;
            /**
             * Bought This Month Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            bought_this_month_usd: string;
            /**
             * Card Kept
             * @description false until a checkout with `keep_card` was paid: nothing is bought before
             */
            card_kept: boolean;
            /**
             * Stopped
             * @description why it no longer happens; setting it again begins it again
             */
            stopped?: string | null;
        };
        /** TopUpRule */
        TopUpRule: {
            /**
             * Below Usd
             * @description buys when the balance is below this
             * @example 12.5
             */
            below_usd: string;
            /**
             * Usd
             * @description how much it buys
             */
            usd: string;
            /**
             * Most Per Month Usd
             * @description of a calendar month (UTC); ten purchases unless given
             */
            most_per_month_usd?: string | null;
        };
        /**
         * Tried
         * @description A try that did not serve the request; never charged.
         */
        Tried: {
            /** Provider */
            provider: string;
            /** Status */
            status: number | null;
            /** Reason */
            reason: string;
            /** Milliseconds */
            milliseconds: number;
        };
        /**
         * Usage
         * @description Sums of all days and lines; `data` has as many of the lines as were asked for.
         */
        Usage: {
            /** Requests */
            requests: number;
            /** Failed */
            failed: number;
            /**
             * Input Tokens
             * @description all of the input, the cached part too
             */
            input_tokens: number;
            /**
             * Cached Tokens
             * @description the part of it that was read from caches
             */
            cached_tokens: number;
            /**
             * Cache Write Tokens
             * @description the part of it that was written into caches for a fee
             */
            cache_write_tokens: number;
            /** Output Tokens */
            output_tokens: number;
            /**
             * Reasoning Tokens
             * @description the part of the output that was thought
             */
            reasoning_tokens: number;
            /**
             * Charged Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            charged_usd: string;
            /**
             * Saved By Caching Usd
             * @description what the same tokens would have cost more without caches, at each request's own prices
             * @example 12.5
             * @example -0.000012
             */
            saved_by_caching_usd: string;
            /**
             * First Byte P50 Ms
             * @description within which half of the requests had their first byte; null where no request has one
             */
            first_byte_p50_ms?: number | null;
            /**
             * First Byte P95 Ms
             * @description within which 95 in 100 of the requests had their first byte; null where no request has one
             */
            first_byte_p95_ms?: number | null;
            /** Since */
            since: string;
            /** Until */
            until: string;
            /** Data */
            data: components["schemas"]["UsageLine"][];
            /**
             * Next Cursor
             * @description `cursor` of the next lines; null behind the last
             */
            next_cursor?: string | null;
        };
        /**
         * UsageLine
         * @description A sum; what it is by is there where it was asked for. A request with several tags counts for each, one without is
         *     under null; beyond 1,000 lines a day, `(other)` is all other values.
         */
        UsageLine: {
            /** Day */
            day?: string | null;
            /** Model */
            model?: string | null;
            /** Key */
            key?: string | null;
            /**
             * User
             * @description the `user` (`metadata.user_id`) of the requests
             */
            user?: string | null;
            /**
             * Tag
             * @description one of the header `x-interchange-tags`
             */
            tag?: string | null;
            /**
             * Metadata
             * @description a pair of the requests' `metadata`, as name=value
             */
            metadata?: string | null;
            /** Requests */
            requests: number;
            /** Failed */
            failed: number;
            /**
             * Input Tokens
             * @description all of the input, the cached part too
             */
            input_tokens: number;
            /**
             * Cached Tokens
             * @description the part of it that was read from caches
             */
            cached_tokens: number;
            /**
             * Cache Write Tokens
             * @description the part of it that was written into caches for a fee
             */
            cache_write_tokens: number;
            /** Output Tokens */
            output_tokens: number;
            /**
             * Reasoning Tokens
             * @description the part of the output that was thought
             */
            reasoning_tokens: number;
            /**
             * Charged Usd
             * @description USD as an exact decimal string
             * @example 12.5
             * @example -0.000012
             */
            charged_usd: string;
            /**
             * Saved By Caching Usd
             * @description what the same tokens would have cost more without caches, at each request's own prices
             * @example 12.5
             * @example -0.000012
             */
            saved_by_caching_usd: string;
            /**
             * First Byte P50 Ms
             * @description within which half of the requests had their first byte; null where no request has one
             */
            first_byte_p50_ms?: number | null;
            /**
             * First Byte P95 Ms
             * @description within which 95 in 100 of the requests had their first byte; null where no request has one
             */
            first_byte_p95_ms?: number | null;
        };
        /** Deprecation */
        Deprecation: {
            /**
             * Date
             * @description when the model goes
             * @example 2027-01-31
             */
            date: string;
            /**
             * Successor
             * @description which one is to be taken in its place
             */
            successor: string | null;
        };
        /** Embedding */
        Embedding: {
            /**
             * Object
             * @constant
             */
            object: "embedding";
            /** Index */
            index: number;
            /** Embedding */
            embedding: number[] | string;
        } & {
            [key: string]: unknown;
        };
        /** EmbeddingUsage */
        EmbeddingUsage: {
            /** Prompt Tokens */
            prompt_tokens: number;
            /** Total Tokens */
            total_tokens: number;
        } & {
            [key: string]: unknown;
        };
        /** Embeddings */
        Embeddings: {
            /**
             * Object
             * @constant
             */
            object: "list";
            /** Model */
            model: string;
            /** Data */
            data: components["schemas"]["Embedding"][];
            usage: components["schemas"]["EmbeddingUsage"];
        } & {
            [key: string]: unknown;
        };
        /** Judgement */
        Judgement: {
            /** Flagged */
            flagged: boolean;
            /** Categories */
            categories: {
                [key: string]: boolean | null;
            };
            /** Category Scores */
            category_scores: {
                [key: string]: number | null;
            };
        } & {
            [key: string]: unknown;
        };
        /**
         * Model
         * @description https://platform.openai.com/docs/api-reference/models/object
         */
        Model: {
            /** Id */
            id: string;
            /**
             * Object
             * @constant
             */
            object: "model";
            /** Created */
            created: number;
            /**
             * Owned By
             * @description Who serves it first.
             */
            owned_by: string;
            /**
             * Aliases
             * @description Further names that it answers to.
             */
            aliases: string[];
            /**
             * Kind
             * @enum {string}
             */
            kind: "chat" | "embedding" | "image" | "transcription" | "speech" | "moderation";
            /** Context Window */
            context_window: number | null;
            /** Max Output Tokens */
            max_output_tokens: number | null;
            /** Input Modalities */
            input_modalities: string[];
            /** Output Modalities */
            output_modalities: string[];
            pricing: components["schemas"]["Prices"];
            /** Supports Prompt Caching */
            supports_prompt_caching: boolean;
            /**
             * Supports Reasoning
             * @description Thinks before it answers.
             */
            supports_reasoning: boolean;
            /** Endpoints */
            endpoints: string[];
            /** @description absent unless the model goes */
            deprecation?: components["schemas"]["Deprecation"] | null;
        };
        /** ModelList */
        ModelList: {
            /**
             * Object
             * @constant
             */
            object: "list";
            /** Data */
            data: components["schemas"]["Model"][];
        };
        /**
         * ModelPage
         * @description A page of the list, for callers that send `anthropic-version`.
         */
        ModelPage: {
            /** Data */
            data: components["schemas"]["VersionedModel"][];
            /** Has More */
            has_more: boolean;
            /** First Id */
            first_id: string | null;
            /** Last Id */
            last_id: string | null;
        };
        /** Moderation */
        Moderation: {
            /** Id */
            id: string;
            /** Model */
            model: string;
            /** Results */
            results: components["schemas"]["Judgement"][];
        } & {
            [key: string]: unknown;
        };
        /**
         * Prices
         * @description USD as decimal strings, per million tokens or per unit; without what has no price.
         */
        Prices: {
            /**
             * Input
             * @default
             */
            input: string;
            /**
             * Output
             * @default
             */
            output: string;
            /**
             * Cache Read
             * @default
             */
            cache_read: string;
            /**
             * Cache Write 5M
             * @default
             */
            cache_write_5m: string;
            /**
             * Cache Write 1H
             * @default
             */
            cache_write_1h: string;
            /**
             * Per Minute
             * @default
             */
            per_minute: string;
            /**
             * Per Million Characters
             * @default
             */
            per_million_characters: string;
            /**
             * Per Image
             * @default {}
             */
            per_image: {
                [key: string]: string;
            };
            /**
             * Per Call
             * @default {}
             */
            per_call: {
                [key: string]: string;
            };
        } & {
            [key: string]: unknown;
        };
        /**
         * VersionedModel
         * @description https://docs.anthropic.com/en/api/models-list: for callers that send `anthropic-version`.
         */
        VersionedModel: {
            /**
             * Type
             * @constant
             */
            type: "model";
            /** Id */
            id: string;
            /** Display Name */
            display_name: string;
            /** Created At */
            created_at: string;
            /** Max Input Tokens */
            max_input_tokens: number | null;
            /** Max Tokens */
            max_tokens: number | null;
            /** Capabilities */
            capabilities: null;
            /**
             * Aliases
             * @description Further names that it answers to.
             */
            aliases: string[];
            /**
             * Kind
             * @enum {string}
             */
            kind: "chat" | "embedding" | "image" | "transcription" | "speech" | "moderation";
            /** Context Window */
            context_window: number | null;
            /** Max Output Tokens */
            max_output_tokens: number | null;
            /** Input Modalities */
            input_modalities: string[];
            /** Output Modalities */
            output_modalities: string[];
            pricing: components["schemas"]["Prices"];
            /** Supports Prompt Caching */
            supports_prompt_caching: boolean;
            /**
             * Supports Reasoning
             * @description Thinks before it answers.
             */
            supports_reasoning: boolean;
            /** Endpoints */
            endpoints: string[];
            /** @description absent unless the model goes */
            deprecation?: components["schemas"]["Deprecation"] | null;
        };
        /** @enum {string} */
        NotForChat: "gemini-2.5-flash-image" | "gemini-2.5-flash-preview-tts" | "gemini-2.5-flash-transcribe" | "gemini-3-pro-image" | "gemini-3-pro-image-preview" | "gemini-3.1-flash-image" | "gemini-3.1-flash-image-preview" | "gemini-3.8-flash-tts" | "gemini-embedding-001" | "gemini-embedding-2" | "gemini-embedding-2-preview" | "gpt-4o-mini-transcribe" | "gpt-4o-mini-transcribe-2025-03-20" | "gpt-4o-mini-transcribe-2025-12-15" | "gpt-4o-mini-tts" | "gpt-4o-mini-tts-2025-03-20" | "gpt-4o-mini-tts-2025-12-15" | "gpt-4o-transcribe" | "gpt-4o-transcribe-diarize" | "gpt-image-1" | "gpt-image-1-mini" | "gpt-image-1.5" | "gpt-image-1.5-2025-12-16" | "gpt-image-2" | "gpt-image-2-2026-04-21" | "gpt-image-2.5-flare" | "gpt-image-2.5-flare-2026-09-08" | "gpt-transcribe" | "grok-imagine-image" | "grok-imagine-image-2026-03-02" | "grok-imagine-image-quality" | "grok-imagine-image-quality-20260403" | "grok-imagine-image-quality-latest" | "omni-moderation-2024-09-26" | "omni-moderation-latest" | "text-embedding-3-large" | "text-embedding-3-small" | "text-embedding-ada-002" | "text-embedding-ada-002-v2" | "tts-1" | "tts-1-1106" | "tts-1-hd" | "tts-1-hd-1106" | "whisper-1";
        /** @enum {string} */
        NotForEmbedding: "claude-3-5-sonnet" | "claude-3-5-sonnet-20241022" | "claude-3-5-sonnet-latest" | "claude-fable-5-1" | "claude-haiku-4-5" | "claude-haiku-4-5-20251001" | "claude-haiku-5-5" | "claude-opus-4-5" | "claude-opus-4-5-20251101" | "claude-opus-4-6" | "claude-opus-4-6-20260205" | "claude-opus-4-7" | "claude-opus-4-7-20260416" | "claude-opus-4-8" | "claude-opus-5" | "claude-opus-5-5" | "claude-sonnet-4-5" | "claude-sonnet-4-5-20250929" | "claude-sonnet-4-6" | "claude-sonnet-5" | "claude-sonnet-5-5" | "gemini-2.5-flash" | "gemini-2.5-flash-image" | "gemini-2.5-flash-lite" | "gemini-2.5-flash-preview-tts" | "gemini-2.5-flash-transcribe" | "gemini-2.5-pro" | "gemini-3-flash-preview" | "gemini-3-pro-image" | "gemini-3-pro-image-preview" | "gemini-3.1-flash-image" | "gemini-3.1-flash-image-preview" | "gemini-3.1-pro-preview" | "gemini-3.5-flash" | "gemini-3.5-flash-lite" | "gemini-3.6-flash" | "gemini-3.7-flash" | "gemini-3.8-flash" | "gemini-3.8-flash-tts" | "gemini-4-argon" | "gpt-4.1" | "gpt-4.1-2025-04-14" | "gpt-4.1-mini" | "gpt-4.1-mini-2025-04-14" | "gpt-4.1-nano" | "gpt-4.1-nano-2025-04-14" | "gpt-4o" | "gpt-4o-2024-08-06" | "gpt-4o-2024-11-20" | "gpt-4o-audio-preview" | "gpt-4o-audio-preview-2024-12-17" | "gpt-4o-audio-preview-2025-06-03" | "gpt-4o-mini" | "gpt-4o-mini-2024-07-18" | "gpt-4o-mini-transcribe" | "gpt-4o-mini-transcribe-2025-03-20" | "gpt-4o-mini-transcribe-2025-12-15" | "gpt-4o-mini-tts" | "gpt-4o-mini-tts-2025-03-20" | "gpt-4o-mini-tts-2025-12-15" | "gpt-4o-transcribe" | "gpt-4o-transcribe-diarize" | "gpt-5" | "gpt-5-2025-08-07" | "gpt-5-mini" | "gpt-5-mini-2025-08-07" | "gpt-5-nano" | "gpt-5-nano-2025-08-07" | "gpt-5.1" | "gpt-5.1-2025-11-13" | "gpt-5.2" | "gpt-5.2-2025-12-11" | "gpt-5.4" | "gpt-5.4-2026-03-05" | "gpt-5.4-mini" | "gpt-5.4-mini-2026-03-17" | "gpt-5.4-nano" | "gpt-5.4-nano-2026-03-17" | "gpt-5.5" | "gpt-5.5-2026-04-23" | "gpt-5.6" | "gpt-6-astra" | "gpt-6-luna" | "gpt-6-sol" | "gpt-6.1-sol" | "gpt-6.1-terra" | "gpt-image-1" | "gpt-image-1-mini" | "gpt-image-1.5" | "gpt-image-1.5-2025-12-16" | "gpt-image-2" | "gpt-image-2-2026-04-21" | "gpt-image-2.5-flare" | "gpt-image-2.5-flare-2026-09-08" | "gpt-transcribe" | "grok-4" | "grok-4-0709" | "grok-4-latest" | "grok-4.20" | "grok-4.20-0309" | "grok-4.3" | "grok-4.3-latest" | "grok-4.5" | "grok-4.5-latest" | "grok-4.6" | "grok-4.7" | "grok-code-fast" | "grok-code-fast-1" | "grok-code-fast-1-0825" | "grok-imagine-image" | "grok-imagine-image-2026-03-02" | "grok-imagine-image-quality" | "grok-imagine-image-quality-20260403" | "grok-imagine-image-quality-latest" | "llama-4-maverick" | "nova-2-lite" | "nova-lite" | "nova-micro" | "nova-pro" | "o3" | "o3-2025-04-16" | "o4-mini" | "o4-mini-2025-04-16" | "omni-moderation-2024-09-26" | "omni-moderation-latest" | "tts-1" | "tts-1-1106" | "tts-1-hd" | "tts-1-hd-1106" | "whisper-1";
        /** @enum {string} */
        NotForImage: "claude-3-5-sonnet" | "claude-3-5-sonnet-20241022" | "claude-3-5-sonnet-latest" | "claude-fable-5-1" | "claude-haiku-4-5" | "claude-haiku-4-5-20251001" | "claude-haiku-5-5" | "claude-opus-4-5" | "claude-opus-4-5-20251101" | "claude-opus-4-6" | "claude-opus-4-6-20260205" | "claude-opus-4-7" | "claude-opus-4-7-20260416" | "claude-opus-4-8" | "claude-opus-5" | "claude-opus-5-5" | "claude-sonnet-4-5" | "claude-sonnet-4-5-20250929" | "claude-sonnet-4-6" | "claude-sonnet-5" | "claude-sonnet-5-5" | "gemini-2.5-flash" | "gemini-2.5-flash-lite" | "gemini-2.5-flash-preview-tts" | "gemini-2.5-flash-transcribe" | "gemini-2.5-pro" | "gemini-3-flash-preview" | "gemini-3.1-pro-preview" | "gemini-3.5-flash" | "gemini-3.5-flash-lite" | "gemini-3.6-flash" | "gemini-3.7-flash" | "gemini-3.8-flash" | "gemini-3.8-flash-tts" | "gemini-4-argon" | "gemini-embedding-001" | "gemini-embedding-2" | "gemini-embedding-2-preview" | "gpt-4.1" | "gpt-4.1-2025-04-14" | "gpt-4.1-mini" | "gpt-4.1-mini-2025-04-14" | "gpt-4.1-nano" | "gpt-4.1-nano-2025-04-14" | "gpt-4o" | "gpt-4o-2024-08-06" | "gpt-4o-2024-11-20" | "gpt-4o-audio-preview" | "gpt-4o-audio-preview-2024-12-17" | "gpt-4o-audio-preview-2025-06-03" | "gpt-4o-mini" | "gpt-4o-mini-2024-07-18" | "gpt-4o-mini-transcribe" | "gpt-4o-mini-transcribe-2025-03-20" | "gpt-4o-mini-transcribe-2025-12-15" | "gpt-4o-mini-tts" | "gpt-4o-mini-tts-2025-03-20" | "gpt-4o-mini-tts-2025-12-15" | "gpt-4o-transcribe" | "gpt-4o-transcribe-diarize" | "gpt-5" | "gpt-5-2025-08-07" | "gpt-5-mini" | "gpt-5-mini-2025-08-07" | "gpt-5-nano" | "gpt-5-nano-2025-08-07" | "gpt-5.1" | "gpt-5.1-2025-11-13" | "gpt-5.2" | "gpt-5.2-2025-12-11" | "gpt-5.4" | "gpt-5.4-2026-03-05" | "gpt-5.4-mini" | "gpt-5.4-mini-2026-03-17" | "gpt-5.4-nano" | "gpt-5.4-nano-2026-03-17" | "gpt-5.5" | "gpt-5.5-2026-04-23" | "gpt-5.6" | "gpt-6-astra" | "gpt-6-luna" | "gpt-6-sol" | "gpt-6.1-sol" | "gpt-6.1-terra" | "gpt-transcribe" | "grok-4" | "grok-4-0709" | "grok-4-latest" | "grok-4.20" | "grok-4.20-0309" | "grok-4.3" | "grok-4.3-latest" | "grok-4.5" | "grok-4.5-latest" | "grok-4.6" | "grok-4.7" | "grok-code-fast" | "grok-code-fast-1" | "grok-code-fast-1-0825" | "llama-4-maverick" | "nova-2-lite" | "nova-lite" | "nova-micro" | "nova-pro" | "o3" | "o3-2025-04-16" | "o4-mini" | "o4-mini-2025-04-16" | "omni-moderation-2024-09-26" | "omni-moderation-latest" | "text-embedding-3-large" | "text-embedding-3-small" | "text-embedding-ada-002" | "text-embedding-ada-002-v2" | "tts-1" | "tts-1-1106" | "tts-1-hd" | "tts-1-hd-1106" | "whisper-1";
        /** @enum {string} */
        NotForTranscription: "claude-3-5-sonnet" | "claude-3-5-sonnet-20241022" | "claude-3-5-sonnet-latest" | "claude-fable-5-1" | "claude-haiku-4-5" | "claude-haiku-4-5-20251001" | "claude-haiku-5-5" | "claude-opus-4-5" | "claude-opus-4-5-20251101" | "claude-opus-4-6" | "claude-opus-4-6-20260205" | "claude-opus-4-7" | "claude-opus-4-7-20260416" | "claude-opus-4-8" | "claude-opus-5" | "claude-opus-5-5" | "claude-sonnet-4-5" | "claude-sonnet-4-5-20250929" | "claude-sonnet-4-6" | "claude-sonnet-5" | "claude-sonnet-5-5" | "gemini-2.5-flash" | "gemini-2.5-flash-image" | "gemini-2.5-flash-lite" | "gemini-2.5-flash-preview-tts" | "gemini-2.5-pro" | "gemini-3-flash-preview" | "gemini-3-pro-image" | "gemini-3-pro-image-preview" | "gemini-3.1-flash-image" | "gemini-3.1-flash-image-preview" | "gemini-3.1-pro-preview" | "gemini-3.5-flash" | "gemini-3.5-flash-lite" | "gemini-3.6-flash" | "gemini-3.7-flash" | "gemini-3.8-flash" | "gemini-3.8-flash-tts" | "gemini-4-argon" | "gemini-embedding-001" | "gemini-embedding-2" | "gemini-embedding-2-preview" | "gpt-4.1" | "gpt-4.1-2025-04-14" | "gpt-4.1-mini" | "gpt-4.1-mini-2025-04-14" | "gpt-4.1-nano" | "gpt-4.1-nano-2025-04-14" | "gpt-4o" | "gpt-4o-2024-08-06" | "gpt-4o-2024-11-20" | "gpt-4o-audio-preview" | "gpt-4o-audio-preview-2024-12-17" | "gpt-4o-audio-preview-2025-06-03" | "gpt-4o-mini" | "gpt-4o-mini-2024-07-18" | "gpt-4o-mini-tts" | "gpt-4o-mini-tts-2025-03-20" | "gpt-4o-mini-tts-2025-12-15" | "gpt-5" | "gpt-5-2025-08-07" | "gpt-5-mini" | "gpt-5-mini-2025-08-07" | "gpt-5-nano" | "gpt-5-nano-2025-08-07" | "gpt-5.1" | "gpt-5.1-2025-11-13" | "gpt-5.2" | "gpt-5.2-2025-12-11" | "gpt-5.4" | "gpt-5.4-2026-03-05" | "gpt-5.4-mini" | "gpt-5.4-mini-2026-03-17" | "gpt-5.4-nano" | "gpt-5.4-nano-2026-03-17" | "gpt-5.5" | "gpt-5.5-2026-04-23" | "gpt-5.6" | "gpt-6-astra" | "gpt-6-luna" | "gpt-6-sol" | "gpt-6.1-sol" | "gpt-6.1-terra" | "gpt-image-1" | "gpt-image-1-mini" | "gpt-image-1.5" | "gpt-image-1.5-2025-12-16" | "gpt-image-2" | "gpt-image-2-2026-04-21" | "gpt-image-2.5-flare" | "gpt-image-2.5-flare-2026-09-08" | "grok-4" | "grok-4-0709" | "grok-4-latest" | "grok-4.20" | "grok-4.20-0309" | "grok-4.3" | "grok-4.3-latest" | "grok-4.5" | "grok-4.5-latest" | "grok-4.6" | "grok-4.7" | "grok-code-fast" | "grok-code-fast-1" | "grok-code-fast-1-0825" | "grok-imagine-image" | "grok-imagine-image-2026-03-02" | "grok-imagine-image-quality" | "grok-imagine-image-quality-20260403" | "grok-imagine-image-quality-latest" | "llama-4-maverick" | "nova-2-lite" | "nova-lite" | "nova-micro" | "nova-pro" | "o3" | "o3-2025-04-16" | "o4-mini" | "o4-mini-2025-04-16" | "omni-moderation-2024-09-26" | "omni-moderation-latest" | "text-embedding-3-large" | "text-embedding-3-small" | "text-embedding-ada-002" | "text-embedding-ada-002-v2" | "tts-1" | "tts-1-1106" | "tts-1-hd" | "tts-1-hd-1106";
        /** @enum {string} */
        NotForSpeech: "claude-3-5-sonnet" | "claude-3-5-sonnet-20241022" | "claude-3-5-sonnet-latest" | "claude-fable-5-1" | "claude-haiku-4-5" | "claude-haiku-4-5-20251001" | "claude-haiku-5-5" | "claude-opus-4-5" | "claude-opus-4-5-20251101" | "claude-opus-4-6" | "claude-opus-4-6-20260205" | "claude-opus-4-7" | "claude-opus-4-7-20260416" | "claude-opus-4-8" | "claude-opus-5" | "claude-opus-5-5" | "claude-sonnet-4-5" | "claude-sonnet-4-5-20250929" | "claude-sonnet-4-6" | "claude-sonnet-5" | "claude-sonnet-5-5" | "gemini-2.5-flash" | "gemini-2.5-flash-image" | "gemini-2.5-flash-lite" | "gemini-2.5-flash-transcribe" | "gemini-2.5-pro" | "gemini-3-flash-preview" | "gemini-3-pro-image" | "gemini-3-pro-image-preview" | "gemini-3.1-flash-image" | "gemini-3.1-flash-image-preview" | "gemini-3.1-pro-preview" | "gemini-3.5-flash" | "gemini-3.5-flash-lite" | "gemini-3.6-flash" | "gemini-3.7-flash" | "gemini-3.8-flash" | "gemini-4-argon" | "gemini-embedding-001" | "gemini-embedding-2" | "gemini-embedding-2-preview" | "gpt-4.1" | "gpt-4.1-2025-04-14" | "gpt-4.1-mini" | "gpt-4.1-mini-2025-04-14" | "gpt-4.1-nano" | "gpt-4.1-nano-2025-04-14" | "gpt-4o" | "gpt-4o-2024-08-06" | "gpt-4o-2024-11-20" | "gpt-4o-audio-preview" | "gpt-4o-audio-preview-2024-12-17" | "gpt-4o-audio-preview-2025-06-03" | "gpt-4o-mini" | "gpt-4o-mini-2024-07-18" | "gpt-4o-mini-transcribe" | "gpt-4o-mini-transcribe-2025-03-20" | "gpt-4o-mini-transcribe-2025-12-15" | "gpt-4o-transcribe" | "gpt-4o-transcribe-diarize" | "gpt-5" | "gpt-5-2025-08-07" | "gpt-5-mini" | "gpt-5-mini-2025-08-07" | "gpt-5-nano" | "gpt-5-nano-2025-08-07" | "gpt-5.1" | "gpt-5.1-2025-11-13" | "gpt-5.2" | "gpt-5.2-2025-12-11" | "gpt-5.4" | "gpt-5.4-2026-03-05" | "gpt-5.4-mini" | "gpt-5.4-mini-2026-03-17" | "gpt-5.4-nano" | "gpt-5.4-nano-2026-03-17" | "gpt-5.5" | "gpt-5.5-2026-04-23" | "gpt-5.6" | "gpt-6-astra" | "gpt-6-luna" | "gpt-6-sol" | "gpt-6.1-sol" | "gpt-6.1-terra" | "gpt-image-1" | "gpt-image-1-mini" | "gpt-image-1.5" | "gpt-image-1.5-2025-12-16" | "gpt-image-2" | "gpt-image-2-2026-04-21" | "gpt-image-2.5-flare" | "gpt-image-2.5-flare-2026-09-08" | "gpt-transcribe" | "grok-4" | "grok-4-0709" | "grok-4-latest" | "grok-4.20" | "grok-4.20-0309" | "grok-4.3" | "grok-4.3-latest" | "grok-4.5" | "grok-4.5-latest" | "grok-4.6" | "grok-4.7" | "grok-code-fast" | "grok-code-fast-1" | "grok-code-fast-1-0825" | "grok-imagine-image" | "grok-imagine-image-2026-03-02" | "grok-imagine-image-quality" | "grok-imagine-image-quality-20260403" | "grok-imagine-image-quality-latest" | "llama-4-maverick" | "nova-2-lite" | "nova-lite" | "nova-micro" | "nova-pro" | "o3" | "o3-2025-04-16" | "o4-mini" | "o4-mini-2025-04-16" | "omni-moderation-2024-09-26" | "omni-moderation-latest" | "text-embedding-3-large" | "text-embedding-3-small" | "text-embedding-ada-002" | "text-embedding-ada-002-v2" | "whisper-1";
        /** @enum {string} */
        NotForModeration: "claude-3-5-sonnet" | "claude-3-5-sonnet-20241022" | "claude-3-5-sonnet-latest" | "claude-fable-5-1" | "claude-haiku-4-5" | "claude-haiku-4-5-20251001" | "claude-haiku-5-5" | "claude-opus-4-5" | "claude-opus-4-5-20251101" | "claude-opus-4-6" | "claude-opus-4-6-20260205" | "claude-opus-4-7" | "claude-opus-4-7-20260416" | "claude-opus-4-8" | "claude-opus-5" | "claude-opus-5-5" | "claude-sonnet-4-5" | "claude-sonnet-4-5-20250929" | "claude-sonnet-4-6" | "claude-sonnet-5" | "claude-sonnet-5-5" | "gemini-2.5-flash" | "gemini-2.5-flash-image" | "gemini-2.5-flash-lite" | "gemini-2.5-flash-preview-tts" | "gemini-2.5-flash-transcribe" | "gemini-2.5-pro" | "gemini-3-flash-preview" | "gemini-3-pro-image" | "gemini-3-pro-image-preview" | "gemini-3.1-flash-image" | "gemini-3.1-flash-image-preview" | "gemini-3.1-pro-preview" | "gemini-3.5-flash" | "gemini-3.5-flash-lite" | "gemini-3.6-flash" | "gemini-3.7-flash" | "gemini-3.8-flash" | "gemini-3.8-flash-tts" | "gemini-4-argon" | "gemini-embedding-001" | "gemini-embedding-2" | "gemini-embedding-2-preview" | "gpt-4.1" | "gpt-4.1-2025-04-14" | "gpt-4.1-mini" | "gpt-4.1-mini-2025-04-14" | "gpt-4.1-nano" | "gpt-4.1-nano-2025-04-14" | "gpt-4o" | "gpt-4o-2024-08-06" | "gpt-4o-2024-11-20" | "gpt-4o-audio-preview" | "gpt-4o-audio-preview-2024-12-17" | "gpt-4o-audio-preview-2025-06-03" | "gpt-4o-mini" | "gpt-4o-mini-2024-07-18" | "gpt-4o-mini-transcribe" | "gpt-4o-mini-transcribe-2025-03-20" | "gpt-4o-mini-transcribe-2025-12-15" | "gpt-4o-mini-tts" | "gpt-4o-mini-tts-2025-03-20" | "gpt-4o-mini-tts-2025-12-15" | "gpt-4o-transcribe" | "gpt-4o-transcribe-diarize" | "gpt-5" | "gpt-5-2025-08-07" | "gpt-5-mini" | "gpt-5-mini-2025-08-07" | "gpt-5-nano" | "gpt-5-nano-2025-08-07" | "gpt-5.1" | "gpt-5.1-2025-11-13" | "gpt-5.2" | "gpt-5.2-2025-12-11" | "gpt-5.4" | "gpt-5.4-2026-03-05" | "gpt-5.4-mini" | "gpt-5.4-mini-2026-03-17" | "gpt-5.4-nano" | "gpt-5.4-nano-2026-03-17" | "gpt-5.5" | "gpt-5.5-2026-04-23" | "gpt-5.6" | "gpt-6-astra" | "gpt-6-luna" | "gpt-6-sol" | "gpt-6.1-sol" | "gpt-6.1-terra" | "gpt-image-1" | "gpt-image-1-mini" | "gpt-image-1.5" | "gpt-image-1.5-2025-12-16" | "gpt-image-2" | "gpt-image-2-2026-04-21" | "gpt-image-2.5-flare" | "gpt-image-2.5-flare-2026-09-08" | "gpt-transcribe" | "grok-4" | "grok-4-0709" | "grok-4-latest" | "grok-4.20" | "grok-4.20-0309" | "grok-4.3" | "grok-4.3-latest" | "grok-4.5" | "grok-4.5-latest" | "grok-4.6" | "grok-4.7" | "grok-code-fast" | "grok-code-fast-1" | "grok-code-fast-1-0825" | "grok-imagine-image" | "grok-imagine-image-2026-03-02" | "grok-imagine-image-quality" | "grok-imagine-image-quality-20260403" | "grok-imagine-image-quality-latest" | "llama-4-maverick" | "nova-2-lite" | "nova-lite" | "nova-micro" | "nova-pro" | "o3" | "o3-2025-04-16" | "o4-mini" | "o4-mini-2025-04-16" | "text-embedding-3-large" | "text-embedding-3-small" | "text-embedding-ada-002" | "text-embedding-ada-002-v2" | "tts-1" | "tts-1-1106" | "tts-1-hd" | "tts-1-hd-1106" | "whisper-1";
        /** Picture */
        Picture: {
            /** Url */
            url: string;
        } & {
            [key: string]: unknown;
        };
        /** PicturePart */
        PicturePart: {
            /**
             * Type
             * @constant
             */
            type: "image_url";
            image_url: components["schemas"]["Picture"];
        } & {
            [key: string]: unknown;
        };
        /** TextPart */
        TextPart: {
            /**
             * Type
             * @constant
             */
            type: "text";
            /** Text */
            text: string;
        } & {
            [key: string]: unknown;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

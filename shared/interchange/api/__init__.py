"""The JSON families of customers' programs: FastAPI applications with pydantic models that write their own OpenAPI."""

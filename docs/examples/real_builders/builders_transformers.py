"""Builders as users of transformers write them; models are made from configs, nothing is loaded."""

import torch
from torch import nn
from torch.optim import AdamW
from transformers import (
    AutoModelForCausalLM,
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    GenerationConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
    ViTConfig,
    ViTModel,
    get_linear_schedule_with_warmup,
)

SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "vocab_size": 64,
}


def bert():
    return BertModel(BertConfig(**SMALL))


def classifier():
    config = BertConfig(**SMALL, num_labels=3)
    config.problem_type = "single_label_classification"
    return BertForSequenceClassification(config)


def gpt_by_its_auto_class():
    return AutoModelForCausalLM.from_config(
        GPT2Config(n_embd=16, n_layer=2, n_head=2, vocab_size=64)
    )


def head_on_an_encoder():
    config = DistilBertConfig(dim=16, n_layers=1, n_heads=2, hidden_dim=32, vocab_size=64)
    encoder = DistilBertModel(config)
    head = nn.Linear(config.dim, 2)
    return nn.ModuleDict({"encoder": encoder, "head": head})


def tuned():
    model = BertModel(BertConfig(**SMALL))
    optimizer = AdamW(model.parameters(), lr=5e-5)
    schedule = get_linear_schedule_with_warmup(optimizer, 10, 100)
    return {"model": model, "optimizer": optimizer, "schedule": schedule}


def resized():
    model = GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=64))
    model.resize_token_embeddings(80)
    return model


def updated_config():
    config = ViTConfig(image_size=16, patch_size=8, hidden_size=16, num_hidden_layers=1)
    config.update({"num_attention_heads": 2, "intermediate_size": 32})
    return ViTModel(config)


def encoder_and_decoder():
    config = T5Config(d_model=16, d_ff=32, num_layers=1, num_heads=2, d_kv=8, vocab_size=64)
    model = T5ForConditionalGeneration(config)
    model.eval()
    return model


def frozen_embeddings():
    model = BertModel(BertConfig(**SMALL))
    embeddings = model.get_input_embeddings()
    embeddings.weight.requires_grad_(False)
    return model


def llama_of_a_seed():
    torch.manual_seed(11)
    config = LlamaConfig(**SMALL, num_key_value_heads=1)
    return LlamaForCausalLM(config)


def generation():
    model = GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=64))
    model.generation_config = GenerationConfig(max_new_tokens=4, do_sample=False, pad_token_id=0)
    return model


BUILDERS = [
    bert,
    classifier,
    gpt_by_its_auto_class,
    head_on_an_encoder,
    tuned,
    resized,
    updated_config,
    encoder_and_decoder,
    frozen_embeddings,
    llama_of_a_seed,
    generation,
]

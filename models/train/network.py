"""The two networks: a retriever (task and tool vectors) and a planner (which tools, where each argument comes from).

Both start from all-MiniLM-L6-v2 (Wang et al. 2020, https://arxiv.org/abs/2002.10957; Apache-2.0). Texts are packed by the TypeScript of
`src/infer/pack.ts`; nothing here knows a text. Shapes: B rows, L sub-words, W words of the task, T tools, C calls, P parameters, V listed
values, O outputs, D = 384. Spans are [start, end) over sub-words; a row that is padding has an empty span.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BertModel

DIM = 384
CARDINALITY_MAX = 8
SPAN_WORDS_MAX = 48
NEVER = -1e4
FROZEN_LAYERS = 2
TOOL_FEATURE_SCALE = (8.0, 8.0, 8.0, 1.0)


def encoder(base: str, attention: str = "sdpa") -> BertModel:
    """The pretrained encoder without dropout.

    Word vectors stay as they are, so that words that training never shows keep their meaning; so do the lowest layers, which saves a fifth
    of the time of a step.
    """
    model = BertModel.from_pretrained(
        base,
        attn_implementation=attention,
        add_pooling_layer=False,
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=0.0,
    )
    for frozen in (model.embeddings, *model.encoder.layer[:FROZEN_LAYERS]):
        frozen.requires_grad_(False)
    return model


def rows_at(states: Tensor, index: Tensor) -> Tensor:
    """states [B, L, D], index [B, N] -> [B, N, D]"""
    return states.gather(1, index.unsqueeze(-1).expand(-1, -1, states.shape[-1]))


def span_means(states: Tensor, spans: Tensor) -> Tensor:
    """states [B, L, D], spans [B, N, 2] -> the mean state of each span [B, N, D]; 0 for an empty one."""
    sums = F.pad(states.cumsum(1), (0, 0, 1, 0))
    length = (spans[..., 1] - spans[..., 0]).clamp(min=1).unsqueeze(-1).to(states.dtype)
    return (rows_at(sums, spans[..., 1]) - rows_at(sums, spans[..., 0])) / length


def unit(vectors: Tensor) -> Tensor:
    return F.normalize(vectors, dim=-1, eps=1e-6)


class Retriever(nn.Module):
    """vectors [B, C, D] of spans of texts: normalised means of their last hidden states."""

    def __init__(self, base: str, attention: str = "sdpa") -> None:
        super().__init__()
        self.encoder = encoder(base, attention)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor, spans: Tensor) -> Tensor:
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state.float()
        return unit(span_means(states, spans))


def scorer(width: int, outputs: int) -> nn.Sequential:
    """A two-layer scorer that starts at 0, so that the similarities beside it decide until it has learned something."""
    layers = nn.Sequential(nn.Linear(width, DIM), nn.GELU(), nn.Linear(DIM, outputs))
    nn.init.zeros_(layers[2].weight)
    nn.init.zeros_(layers[2].bias)
    return layers


def same(scale: float = 1.0) -> nn.Linear:
    """A linear map that starts as the identity: similarity heads begin where the encoder was trained."""
    layer = nn.Linear(DIM, DIM)
    nn.init.eye_(layer.weight)
    layer.weight.data *= scale
    nn.init.zeros_(layer.bias)
    return layer


class Planner(nn.Module):
    """One encoder, two uses: `select` over packs of candidates, `fill` over packs of chosen calls."""

    def __init__(self, base: str, attention: str = "sdpa") -> None:
        super().__init__()
        self.encoder = encoder(base, attention)
        self.tool = scorer(3 * DIM + len(TOOL_FEATURE_SCALE), 1)
        self.near_weights = nn.Parameter(torch.tensor([0.5, 1.0, 1.0, 0.5]))
        self.tool_weights = nn.Parameter(torch.tensor([4.0, 6.0]))
        self.tool_bias = nn.Parameter(torch.tensor(-6.0))
        self.cardinality = scorer(2 * DIM + 6, CARDINALITY_MAX + 1)
        self.count = scorer(3 * DIM + len(TOOL_FEATURE_SCALE), 4)
        self.of_call = same(0.3)
        self.start_query, self.start_key, self.end_query, self.end_key, self.flow_query, self.flow_key = (same() for _ in range(6))
        self.scale = nn.Parameter(torch.tensor(12.0))
        self.absent = scorer(3 * DIM + 2, 1)
        self.absent_bias = nn.Parameter(torch.tensor(5.0))
        self.hint_weights = nn.Parameter(torch.tensor([2.0, 2.0]))
        self.pair_start, self.pair_end = nn.Linear(DIM, 64), nn.Linear(DIM, 64)
        nn.init.zeros_(self.pair_end.weight)
        nn.init.zeros_(self.pair_end.bias)
        self.value = scorer(4 * DIM + 1, 1)
        self.value_weights = nn.Parameter(torch.tensor([6.0, 4.0, 2.0]))
        self.value_bias = nn.Parameter(torch.tensor(-4.0))
        self.match_weights = nn.Parameter(torch.tensor([3.0, 0.5]))
        self.flow_bias = nn.Parameter(torch.tensor(-3.0))

    def encode(self, pack: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """-> states [B, L, D], words [B, W, D], which words there are [B, W] (0 or 1), mean of the words [B, 1, D]"""
        states = self.encoder(
            input_ids=pack["input_ids"],
            attention_mask=pack["attention_mask"],
            token_type_ids=pack["token_type_ids"],
            position_ids=pack["position_ids"],
        ).last_hidden_state.float()
        words = span_means(states, pack["word_spans"])
        there = (pack["word_spans"][..., 1] > pack["word_spans"][..., 0]).to(states.dtype)
        mean = (words * there.unsqueeze(-1)).sum(1, keepdim=True) / there.sum(1).clamp(min=1).view(-1, 1, 1)
        return states, words, there, mean

    @staticmethod
    def read(vectors: Tensor, words: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """What in the task is most like each vector: a soft reading [B, N, D] and the best similarity [B, N]."""
        likeness = unit(vectors) @ unit(words).transpose(1, 2) + (there - 1).unsqueeze(1) * 30
        return torch.softmax(likeness * 20.0, -1) @ words, likeness.amax(-1)

    def select(self, pack: dict[str, Tensor], states: Tensor, words: Tensor, there: Tensor, mean: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Heads over what `encode` gave. -> tool [B, T], cardinality [B, 9], count [B, T, 4]"""
        spans = pack["tool_spans"]
        tools = span_means(states, spans)
        reading, best = self.read(tools, words, there)
        nearness = (unit(tools) * unit(mean)).sum(-1)
        # What the retriever says of each tool: cosines, whose differences of a tenth decide, and a number of clauses.
        near = pack["tool_feature"] * tools.new_tensor(TOOL_FEATURE_SCALE)
        joined = torch.cat([tools, mean.expand_as(tools), tools * reading, near], -1)
        score = self.tool(joined).squeeze(-1) + nearness * self.tool_weights[0] + best * self.tool_weights[1] + self.tool_bias
        score = score + (near * self.near_weights).sum(-1)
        missing = (spans[..., 1] <= spans[..., 0]).to(score.dtype)
        score = score + missing * NEVER
        chance = torch.sigmoid(score)
        summary = torch.stack([chance.sum(-1), score.amax(-1).clamp(min=-20), torch.logsumexp(score, -1).clamp(min=-20)], -1)
        wins = pack["tool_feature"][..., 3]
        clauses = torch.stack([(near[..., 0] - missing * 8).amax(-1), wins.sum(-1), wins.clamp(max=1).sum(-1)], -1)
        cardinality = self.cardinality(torch.cat([states[:, 0], mean.squeeze(1), summary / 4, clauses / 4], -1))
        return score, cardinality, self.count(joined)

    def fill(self, pack: dict[str, Tensor], states: Tensor, words: Tensor, there: Tensor, mean: Tensor) -> tuple[Tensor, ...]:
        """Heads over what `encode` gave. -> absent [B, P], start [B, P, W], end [B, P, W], pair [B, W, W], value [B, V], flow [B, P, O]"""
        spans = pack["word_spans"]
        first = rows_at(states, spans[..., 0])
        last = rows_at(states, (spans[..., 1] - 1).clamp(min=0))
        gone = (there - 1).unsqueeze(1) * -NEVER
        calls = span_means(states, pack["call_spans"])
        params = span_means(states, pack["param_spans"]) + self.of_call(rows_at(calls, pack["param_call"]))
        start = unit(self.start_query(params)) @ unit(self.start_key(first)).transpose(1, 2) * self.scale
        start = start + pack["hint_start"] * self.hint_weights[0] + gone
        end = unit(self.end_query(params)) @ unit(self.end_key(last)).transpose(1, 2) * self.scale
        end = end + pack["hint_end"] * self.hint_weights[1] + gone
        pair = self.pair_start(first) @ self.pair_end(last).transpose(1, 2) / 8
        reading = torch.softmax(start, -1) @ words
        absent = self.absent(torch.cat([params, reading, params * reading, pack["param_feature"]], -1)).squeeze(-1) + self.absent_bias
        outputs = span_means(states, pack["output_spans"]) + 0.5 * rows_at(calls, pack["output_call"])
        flow = unit(self.flow_query(params)) @ unit(self.flow_key(outputs)).transpose(1, 2) * self.scale
        # No matrix product with a vector: quantisation for each channel has no form for it.
        flow = flow + (pack["match"] * self.match_weights).sum(-1) + self.flow_bias
        values = span_means(states, pack["value_spans"])
        of_value = rows_at(params, pack["value_param"])
        value_reading, value_best = self.read(values, words, there)
        hit = pack["value_hit"]
        value = self.value(torch.cat([values, of_value, values * value_reading, values * mean, hit.unsqueeze(-1)], -1)).squeeze(-1)
        likeness = (unit(values) * unit(of_value)).sum(-1)
        value = value + value_best * self.value_weights[0] + likeness * self.value_weights[1] + hit * self.value_weights[2] + self.value_bias
        return absent, start, end, pair, value, flow

    def forward(self, pack: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """Both uses at once, for the graph that is exported: rows of size one stand in for the use that is not wanted."""
        encoded = self.encode(pack)
        return (*self.select(pack, *encoded), *self.fill(pack, *encoded))


# ------------------------------------------------------------------------------------------------------------------------ losses


def set_log_probability(score: Tensor, cardinality: Tensor, chosen: Tensor) -> Tensor:
    """log P(S) [B] of the set `chosen` [B, T] (0 or 1), under exp(sum of scores + cardinality[|S|]) over all sets of at most 8.

    The normaliser is a sum of elementary symmetric polynomials, computed in logarithms (Tarlow et al. 2012, "Fast exact inference for
    recursive cardinality models").
    """
    batch, tools = score.shape
    low = score.new_full((batch, 1), -1e9)
    sums = torch.cat([score.new_zeros(batch, 1), score.new_full((batch, CARDINALITY_MAX), -1e9)], 1)
    for tool in range(tools):
        sums = torch.logaddexp(sums, torch.cat([low, sums[:, :-1] + score[:, tool : tool + 1]], 1))
    size = chosen.sum(1).long().clamp(max=CARDINALITY_MAX)
    own = (score * chosen).sum(1) + cardinality.gather(1, size.unsqueeze(1)).squeeze(1)
    return own - torch.logsumexp(sums + cardinality, 1)


def select_loss(outputs: tuple[Tensor, Tensor, Tensor], labels: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """-> loss, share of rows whose likeliest set under independent thresholds is right (a cheap sign of progress)"""
    score, cardinality, count = outputs
    chosen = labels["chosen"]
    size = chosen.sum(1)
    loss = (-set_log_probability(score, cardinality, chosen) / size.clamp(min=1).sqrt()).mean()
    known = labels["counts"]
    if (known >= 0).any():
        loss = loss + 0.5 * F.cross_entropy(count.flatten(0, 1), known.flatten(), ignore_index=-1)
    with torch.no_grad():
        right = ((score > 0).to(chosen.dtype) == chosen).all(1).float().mean()
    return loss, right


def fill_loss(outputs: tuple[Tensor, ...], pack: dict[str, Tensor], labels: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Marginal likelihood of the acceptable outcomes of each labelled parameter. -> loss, share whose likeliest origin is acceptable"""
    absent, start, end, pair, value, flow = outputs
    batch, params = absent.shape
    words = start.shape[-1]
    own = pack["value_param"].unsqueeze(1) == torch.arange(params, device=absent.device).view(1, -1, 1)
    real = (pack["value_spans"][..., 1] > pack["value_spans"][..., 0]).unsqueeze(1)
    values = value.unsqueeze(1).expand(batch, params, -1).masked_fill(~(own & real), NEVER)
    other = pack["output_call"].unsqueeze(1) != pack["param_call"].unsqueeze(2)
    real = (pack["output_spans"][..., 1] > pack["output_spans"][..., 0]).unsqueeze(1)
    flows = flow.masked_fill(~(other & real), NEVER)
    joint = torch.log_softmax(torch.cat([absent.unsqueeze(-1), start, values, flows], -1), -1)
    kind, row, param = labels["kind"], labels["row"], labels["param"]  # [N, 4]: kind 0 none, 1 absent, 2 span, 3 value, 4 flow
    first, final = labels["first"], labels["final"]
    column = torch.where(kind == 2, 1 + first, torch.where(kind == 3, 1 + words + first, torch.where(kind == 4, 1 + words + value.shape[-1] + first, 0)))
    picked = joint[row, param, column]
    at = torch.arange(words, device=absent.device)
    ends = end[row, param] + pair[row, torch.where(kind == 2, first, 0)]  # [N, 4, W]
    begin = torch.where(kind == 2, first, 0).unsqueeze(-1)
    ends = ends.masked_fill((at < begin) | (at >= begin + SPAN_WORDS_MAX), NEVER)
    closing = torch.log_softmax(ends, -1).gather(-1, torch.where(kind == 2, final, begin.squeeze(-1)).unsqueeze(-1)).squeeze(-1)
    picked = picked + torch.where(kind == 2, closing, 0.0)
    picked = picked.masked_fill(kind == 0, -1e9)
    loss = -torch.logsumexp(picked, 1).mean()
    with torch.no_grad():
        best = joint[row[:, 0], param[:, 0]].argmax(-1, keepdim=True)
        right = ((best == column) & (kind > 0)).any(1).float().mean()
    return loss, right

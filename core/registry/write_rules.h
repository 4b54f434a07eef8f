// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"

#include "base/clock.h"
#include "base/random.h"

namespace keelson::registry {

/// Rules of the Kubernetes API about what a write may set, as functions of documents. All are pure but for what they
/// are given. Source: Kubernetes API conventions (metadata, spec and status, generation).

/// Unknown and repeated members are refused, warned of or passed over, as the context says, and removed; then types are
/// checked. `BadRequest` in Kubernetes' words: `strict decoding error: unknown field "spec.replica"`.
Result<Done> decodeStrictly(const WriteContext& context, const Kind& kind, Value& object);
/// The same for a document that is no object: a review, a Binding, a Scale. apiVersion and kind may be absent and are
/// added. `definition`: of the built-in catalog, such as "autoscaling/v1/Scale".
Result<Done> decodeStandalone(const WriteContext& context, std::string_view definition, Value& document);
/// Fills in defaults. `RequestEntityTooLarge` when they make the object larger than what is stored.
Result<Done> completeFields(const Kind& kind, Value& object);
/// apiVersion and kind, where absent, become the kind's; `BadRequest` when they are others.
Result<Done> settleKind(const Kind& kind, Value& object);
/// metadata.namespace, where absent, becomes `nameSpace`; `BadRequest` when it is another.
Result<Done> settleNamespace(const Kind& kind, const std::string& nameSpace, Value& object);

/// The document after a patch that is no configuration. `BadRequest`, or `Invalid` with Kubernetes' causes, for one
/// that does not fit. Without `schema` a strategic patch merges as a plain one.
Result<Value> applyPatch(api::PatchType type, const Value& document, const Value& patch, const api::Schema* schema);

/// Where the object says that it lives.
ObjectKey keyOf(const Value& object);
/// `BadRequest` when the object says another name or namespace than the path; it need not say any.
Result<Done> checkKey(const ObjectKey& key, const Value& object);

/// What the server alone decides about a new object: uid, times, generation, first status.
void beginObject(const Kind& kind, Value& object, Random& random, WallTime now);
/// What the server adds to a new object of some kinds and nobody manages: the labels and the selector by which a Job
/// finds its pods, the finalizer of a Namespace.
void addServerMembers(const Kind& kind, Value& object);
/// What follows from a new object once admission has changed it: a pod's quality of service, that its gates hold it
/// back, and what its affinity asks of others' labels; both names of a claim's source.
void settleNew(const Kind& kind, Value& object);
/// The part of `object` that a write to `subresource` may change over `before`, in full: an update of "" keeps the
/// status, one of "status" the rest, but for labels, annotations, finalizers and owners of built-in kinds where
/// `object` names its resourceVersion; identity, times and managed fields stay. `NotFound` for a subresource that is
/// not written so.
Result<Value> mergeUpdate(const Kind& kind, std::string_view subresource, Value object, const Value& before);
/// Makes what a write does not change in `object` what it is in `from`: identity, times and, of the object itself, the
/// status.
void keepServerMembers(const Kind& kind, std::string_view subresource, Value& object, const Value& from);
/// What is wrong with the ephemeral containers of a pod that is created (`before` null) or given more of them by their
/// subresource: none at first, and those that are there stay as they are.
std::vector<Cause> checkEphemeralContainers(const Value& pod, const Value* before);
/// Counts metadata.generation when the spec is another; of custom objects and kinds without a spec all but metadata and
/// status counts.
void countGeneration(const Kind& kind, Value& object, const Value& before);
/// `Conflict` when metadata.uid or metadata.resourceVersion is given and not that of `before`.
Result<Done> checkVersion(const Kind& kind, const Value& object, const StoredObject& before);
/// An object that is being deleted may lose finalizers, not get new ones.
Result<Done> checkFinalizers(const Kind& kind, const Value& object, const Value& before);
/// The error for a write that met another: "the object has been modified; ...".
Error modifiedError(const Kind& kind, std::string_view name);
/// How long a write is planned anew while others change the same object. Each time one of them succeeds, but the
/// slowest may lose many times in a row, so nothing else bounds it. As long as Kubernetes gives a write.
constexpr std::chrono::seconds writeTimeMax{34};
/// The error for a write that met others all that time.
Error overdueError();
/// True when nothing holds back an object that is being deleted.
bool isFinished(const Kind& kind, const Value& object);
/// metadata.finalizers or, of namespaces, spec.finalizers too, are not empty.
bool hasFinalizers(const Kind& kind, const Value& object);

bool isCoreKind(const Kind& kind, std::string_view name);

} // namespace keelson::registry

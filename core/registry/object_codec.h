// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"

#include <string>
#include <string_view>

namespace keelson::registry {

/// Under it lies everything.
inline constexpr std::string_view storeRoot = "/registry/";
/// "/registry/apps/deployments/": under it the store keeps the kind's objects. The core group is called "core".
std::string storePrefix(const Kind& kind);
/// "/registry/apps/deployments/default/web"; cluster-scoped: "/registry/core/nodes/n1".
std::string storeKey(const Kind& kind, const ObjectKey& key);
/// The prefix of the kind that the key is of; empty when it is of none.
std::string_view prefixIn(std::string_view storeKey);
/// What `storeKey` was made from; `prefix` is the kind's.
ObjectKey objectKey(const Kind& kind, std::string_view prefix, std::string_view storeKey);

/// metadata.labels of a document, as far as they are strings.
api::Labels labelsOf(const Value& document);

/// Turns documents into what the store keeps (JSON without resourceVersion, kind, apiVersion and metadata first) and
/// that into what is served. Immutable; any thread.
class ObjectCodec {
public:
    explicit ObjectCodec(const Kind& kind);

    /// The bytes for the store. `managedFields`: the text of that list, which is no part of the document; "" for none.
    std::string encode(const Value& object, std::string_view managedFields) const;
    /// What selectors need, without JSON and revision; `finish` adds these.
    std::shared_ptr<StoredObject> draft(const Value& document) const;
    /// `stored` must be what `encode` made of the draft's document. Revision 0 leaves resourceVersion out.
    void finish(StoredObject& draft, std::string_view stored, Revision revision) const;
    /// Both, from what the store keeps; `InternalError` names an object that cannot be read. A custom object that was
    /// stored in another version stays of that version when a webhook would have to convert it (`otherVersion`).
    Result<StoredObjectPtr> decode(std::string_view stored, Revision revision) const;
    /// The bytes that the store keeps of an object that this codec made.
    std::string storedBytes(const StoredObject& object) const;
    /// The same object under another resourceVersion.
    StoredObjectPtr withRevision(const StoredObject& object, Revision revision) const;

    const Kind& kind() const { return m_kind; }

private:
    struct FieldPath {
        std::vector<std::string> parts;
        std::string otherwise; ///< What a missing value equals: "", "false" for booleans, "0" for numbers.
    };
    Result<StoredObjectPtr> decodeCustom(std::string_view stored, Value document, Revision revision) const;
    static std::string encodeBehind(std::string head, const Value& object, std::string_view managedFields);
    std::size_t headSize(std::string_view stored) const;
    std::string withoutRevision(const StoredObject& object) const;
    std::string splice(std::string_view stored, Revision revision) const;
    std::string fieldText(const FieldPath& path, const Value& document) const;

    const Kind& m_kind;
    std::string m_head; ///< With it all objects of the version begin.
    std::vector<FieldPath> m_fields;
};

/// Whether a selector of fields matches; fields are those that `checkFields` accepts.
bool matches(const Kind& kind, const api::FieldSelector& selector, const StoredObject& object);
/// `BadRequest` for a field that the kind does not offer.
Result<Done> checkFields(const Kind& kind, const api::FieldSelector& selector);

} // namespace keelson::registry

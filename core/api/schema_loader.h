// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/schema.h"

#include <deque>
#include <map>

namespace keelson::api {

/// Compiles definitions written in the dialect of core/api/kinds into schemas that point at each other. First all are
/// declared, then compiled, so that they may refer to each other in any order and in circles.
/// One thread. The schemas live as long as `takeSchemas()`'s result.
class SchemaLoader {
public:
    /// Makes `package/name` ("core/v1/PodSpec") known. `definition` must outlive `compile`. `Invalid` when it is there
    /// already.
    Result<Done> declare(const std::string& package, std::string_view name, const Value& definition);
    /// Declares the list of a kind: metadata and items.
    Result<Done> declareList(const std::string& package, const std::string& kind);
    /// Compiles everything declared. `Invalid` names the place: "core/v1/PodSpec.volumes: unknown word \"typ\"".
    Result<Done> compile();

    /// By name, in name order. The pointers stay valid.
    const std::map<std::string, Schema*, std::less<>>& definitions() const { return m_definitions; }
    std::deque<Schema> takeSchemas() { return std::move(m_schemas); }

private:
    enum class State { Declared, Compiling, Compiled };
    struct Source {
        std::string package;
        const Value* definition = nullptr;
        State state = State::Declared;
    };
    /// A `$ref` with words of its own: a copy of what it names, made when that is complete.
    struct Override {
        Schema* schema;
        std::string target;
        const Object* words;
        std::string place;
    };

    Result<Done> compileDefinition(const std::string& name);
    Result<Done> compileInto(Schema& schema, const Object& node, const std::string& package, const std::string& place);
    Result<const Schema*> compileNode(const Value& node, const std::string& package, const std::string& place);
    Result<const Schema*> reference(const Object& node, std::string_view target, const std::string& package,
                                    const std::string& place);
    Result<Done> compileFields(Schema& schema, const Object& node, const std::string& package,
                               const std::string& place);
    Result<Done> inlineParts(Schema& schema, const Array& parts, const std::string& package, const std::string& place);
    void addEnvelope(Schema& schema);

    std::deque<Schema> m_schemas;
    std::deque<Value> m_lists;
    std::map<std::string, Schema*, std::less<>> m_definitions;
    std::map<std::string, Source, std::less<>> m_sources;
    std::vector<Override> m_overrides;
    const Schema* m_text = nullptr; ///< Of apiVersion and kind.
};

} // namespace keelson::api

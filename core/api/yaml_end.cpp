// SPDX-License-Identifier: Apache-2.0
#include "api/yaml_end.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace keelson::api {
namespace {

class NothingMore : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override
    {
        if (mark.pos == m_lastDocument)
            refuse(mark);
        m_lastDocument = mark.pos;
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark); }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override
    {
        refuse(mark);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
    {
        refuse(mark);
    }
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
    {
        refuse(mark);
    }
    void OnMapEnd() override {}

private:
    [[noreturn]] static void refuse(const YAML::Mark& mark)
    {
        throw YAML::ParserException(mark, "one document is wanted, and more than one was given");
    }

    int m_lastDocument = -1;
};

} // namespace

void requireNoMoreDocuments(YAML::Parser& parser)
{
    NothingMore nothing;
    while (parser.HandleNextDocument(nothing)) {
    }
}

} // namespace keelson::api

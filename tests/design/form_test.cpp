// SPDX-License-Identifier: Apache-2.0
#include "design/form.h"
#include "design/set.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::design {
namespace {

const std::string service =
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, uid: x}\nspec: # mine\n  ports:\n    - "
    "port: 80\n  selector:\n    app: web\n  strange: 1\nstatus: {}\n";

class Form : public testing::Test {
protected:
    Form() : m_set(service), m_kind(document::Kinds().find("v1", "Service")) {}

    const api::Value& object() const { return m_set.cards()[0].value; }
    std::vector<FormRow> rows(const char* path, FormLevel level = FormLevel::Basic) const
    {
        return formRows(*m_kind, object(), document::parsePath(path), level);
    }
    std::string labels(const char* path, FormLevel level = FormLevel::Basic) const
    {
        std::string all;
        for (const auto& row : rows(path, level))
            all += (all.empty() ? "" : " ") + row.label + (row.isSet ? "=" + row.text : "");
        return all;
    }
    FormRow row(const char* path) const
    {
        const auto whole = document::parsePath(path);
        for (const auto& each : formRows(*m_kind, object(), {whole.begin(), whole.end() - 1}, FormLevel::Full))
            if (each.path == whole)
                return each;
        ADD_FAILURE() << path;
        return {};
    }
    /// The text after typing into a row.
    std::string typed(const char* path, const char* text)
    {
        const auto edit = formEdit(row(path), text);
        if (!edit)
            return edit.error().message;
        const auto done = m_set.manifest.edit(0, *edit, "Form");
        auto after = done ? m_set.manifest.text() : done.error().message;
        if (done)
            m_set.manifest.undo();
        return after;
    }
    static std::string with(std::string_view before, std::string_view after)
    {
        auto text = service;
        text.replace(text.find(before), before.size(), after);
        return text;
    }

    TestSet m_set;
    const api::Kind* m_kind;
};

TEST_F(Form, hasTheRowsOfItsLevel)
{
    EXPECT_EQ(labels(""), "metadata= spec=");
    EXPECT_EQ(labels("spec.ports"), "1 · 80=");
    EXPECT_EQ(labels("spec.selector"), "app=web");
    const auto basic = labels("spec");
    EXPECT_TRUE(basic.starts_with("type selector=1 item ports=1 item externalName")) << basic;
    EXPECT_TRUE(basic.ends_with("strange=1")) << "what no schema knows stands there too: " << basic;
    EXPECT_EQ(basic.find("healthCheckNodePort"), std::string::npos) << basic;
    EXPECT_NE(labels("spec", FormLevel::Full).find("healthCheckNodePort"), std::string::npos);
    EXPECT_EQ(labels("metadata", FormLevel::Full).find("uid"), std::string::npos) << "servers write it";
}

TEST_F(Form, saysWhatAValueIs)
{
    EXPECT_EQ(row("spec.type").input, FormInput::Choice);
    EXPECT_EQ(row("spec.type").hint, "default ClusterIP");
    EXPECT_EQ(row("spec.ports[0].port").input, FormInput::Number);
    EXPECT_TRUE(row("spec.ports[0].port").isRequired);
    EXPECT_EQ(row("spec.publishNotReadyAddresses").choices, (std::vector<std::string>{"true", "false"}));
    EXPECT_FALSE(row("spec.type").help.empty());
}

TEST_F(Form, writesTheSmallestSpan)
{
    struct Row {
        const char* path;
        const char* text;
        std::string after;
    };
    const std::vector<Row> table{
        {"spec.ports[0].port", "8080", with("port: 80", "port: 8080")},
        {"spec.ports[0].port", "", "port is required"},
        {"spec.ports[0].port", "x", "\"x\" is no whole number"},
        {"spec.ports[0].targetPort", "http", with("port: 80\n", "port: 80\n      targetPort: http\n")},
        {"spec.ports[0].targetPort", "81", with("port: 80\n", "port: 80\n      targetPort: 81\n")},
        {"spec.selector.app", "api", with("app: web", "app: api")},
        {"spec.selector.app", "true", with("app: web", "app: \"true\"")},
        {"spec.type", "NodePort", with("strange: 1\n", "strange: 1\n  type: NodePort\n")},
        {"spec.type", "Node", "\"Node\" is none of ClusterIP, NodePort, LoadBalancer, ExternalName"},
        {"spec.publishNotReadyAddresses", "yes", "it is either true or false"},
        {"spec.strange", "", with("  strange: 1\n", "")},
        {"metadata.labels", "x", "it is edited part by part, or in the text"},
    };
    for (const auto& line : table)
        EXPECT_EQ(typed(line.path, line.text), line.after) << line.path << " " << line.text;
}

TEST_F(Form, addsAndTakesOut)
{
    const auto after = [this](const Result<document::Edit>& edit) {
        if (!edit)
            return edit.error().message;
        EXPECT_TRUE(m_set.manifest.edit(0, *edit, "Form"));
        auto text = m_set.manifest.text();
        m_set.manifest.undo();
        return text;
    };
    EXPECT_EQ(after(formAdd(row("spec.ports"), object(), "")), with("port: 80\n", "port: 80\n    - port: 0\n"));
    EXPECT_EQ(after(formAdd(row("spec.selector"), object(), "tier")), with("app: web\n", "app: web\n    tier: \"\"\n"));
    EXPECT_EQ(after(formAdd(row("spec.selector"), object(), "app")), "selector has the key \"app\" already");
    EXPECT_EQ(after(formAdd(row("spec.selector"), object(), "")), "a key is wanted");
    EXPECT_EQ(after(formAdd(row("metadata.labels"), object(), "a")),
              with("{name: web, uid: x}", "{name: web, uid: x, labels: {a: \"\"}}"));
    EXPECT_EQ(after(Result<document::Edit>(formRemove(row("spec.selector")))), with("  selector:\n    app: web\n", ""));
    EXPECT_EQ(after(Result<document::Edit>(formRemove(row("spec.selector.app")))).find("app: web"), std::string::npos);
}

} // namespace
} // namespace keelson::design

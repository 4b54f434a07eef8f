// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/validation.h"
#include "fieldmanager/field_manager.h"
#include "fieldmanager/merge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace keelson::fieldmanager {
namespace {

using api::Array;
using api::Object;
using api::Value;

const api::Kind& pods()
{
    return *api::Catalog::builtIn().find({"", "v1"}, "Pod");
}

/// Random parts of pods: few names and values, so that they meet often.
class RandomPods {
public:
    explicit RandomPods(unsigned seed) : m_random(seed) {}

    unsigned pick(unsigned bound) { return m_random() % bound; }

    Value pod()
    {
        Object metadata;
        Object spec;
        if (auto labels = map("abc"); !labels.empty())
            metadata["labels"] = std::move(labels);
        if (auto finalizers = letters("xyz"); !finalizers.empty())
            metadata["finalizers"] = std::move(finalizers);
        if (pick(2))
            spec["nodeName"] = value();
        if (pick(2)) // atomic
            spec["nodeSelector"] = Object{{"a", value()}};
        Array containers;
        for (const auto& name : letters("uvw"))
            containers.push_back(container(name));
        if (!containers.empty())
            spec["containers"] = std::move(containers);
        Object pod;
        if (!metadata.empty())
            pod["metadata"] = std::move(metadata);
        if (!spec.empty())
            pod["spec"] = std::move(spec);
        return pod;
    }

private:
    std::string value() { return std::string(1, static_cast<char>('0' + pick(3))); }
    /// Some of them, in any order.
    Array letters(std::string all)
    {
        std::ranges::shuffle(all, m_random);
        Array some;
        for (const char letter : all.substr(0, pick(static_cast<unsigned>(all.size()) + 1)))
            some.push_back(Value(std::string(1, letter)));
        return some;
    }
    Object map(std::string all)
    {
        Object object;
        for (const auto& name : letters(std::move(all)))
            object[name.as_string()] = value();
        return object;
    }
    Value container(const Value& name)
    {
        Object container{{"name", name}};
        if (pick(2))
            container["image"] = value();
        if (pick(2))
            container["args"] = Array{value()};
        if (pick(2))
            container["env"] = Array{Object{{"name", value()}, {"value", value()}}};
        if (pick(2))
            container["ports"] = Array{Object{{"containerPort", 80 + static_cast<int>(pick(2))}}};
        return container;
    }

    std::mt19937 m_random;
};

/// What every write must leave behind.
void checkBooks(const Value& live, const std::string& managers, const std::string& story)
{
    FieldSet owned;
    FieldSet updated;
    const auto all = readManagers(managers);
    for (const auto& manager : all) {
        const auto fields = FieldSet::parse(manager.fields).value();
        EXPECT_FALSE(fields.empty()) << story;
        if (manager.operation == Operation::Update) {
            auto shared = fields;
            shared.intersect(updated);
            EXPECT_TRUE(shared.empty()) << "two updates own " << shared.text() << "\n" << story;
            updated.unite(fields);
        }
        owned.unite(fields);
    }
    auto unowned = fieldsOf(*pods().schema, live);
    unowned.subtract(owned);
    EXPECT_TRUE(unowned.empty()) << "nobody owns " << unowned.text() << "\n" << story;
    auto missing = owned;
    missing.subtract(fieldsOf(*pods().schema, live));
    missing.subtract(compare(*pods().schema, Object{}, live).added);
    EXPECT_TRUE(missing.empty()) << "owned, but not there: " << missing.text() << "\n" << story;
    EXPECT_EQ(writeManagers(all), managers) << story;
}

TEST(FieldManager, keepsItsBooksTrueUnderAnyWrites)
{
    const FieldManager manager(pods());
    for (unsigned seed = 0; seed < 200; ++seed) {
        RandomPods random(seed);
        Value live = random.pod();
        auto managers = *manager.created(live, {}, {"creator", {}, {}});
        std::string story = api::writeJson(live);
        for (int step = 0; step < 12 && !testing::Test::HasFailure() && !managers.empty(); ++step) {
            const Writer writer{fmt::format("m{}", random.pick(3)), {}, WallTime{std::chrono::seconds(step)}};
            auto wanted = random.pod();
            if (random.pick(3) == 0) {
                story += fmt::format("\n{} updates {}", writer.name, api::writeJson(wanted));
                managers = *manager.updated(live, wanted, managers, writer);
                live = std::move(wanted);
            } else {
                const bool force = random.pick(2) == 0;
                story +=
                    fmt::format("\n{} applies {}{}", writer.name, force ? "by force " : "", api::writeJson(wanted));
                auto applied = manager.apply(live, managers, wanted, writer, force);
                if (!applied) {
                    EXPECT_FALSE(force) << story;
                    EXPECT_FALSE(applied.error().causes.empty()) << story;
                    continue;
                }
                live = std::move(applied->object);
                managers = std::move(applied->managers);
                api::normalize(pods(), live);
                EXPECT_EQ(merge(*pods().schema, live, wanted), live) << "not all is there\n" << story;
                const auto again = manager.apply(live, managers, wanted, writer, false);
                ASSERT_TRUE(again) << again.error().message << "\n" << story;
                EXPECT_EQ(again->object, live) << story;
                EXPECT_EQ(again->managers, managers) << story;
            }
            story += fmt::format("\n  {}\n  {}", api::writeJson(live), managers);
            checkBooks(live, managers, story);
        }
    }
}

TEST(FieldManager, removesWhatOneApplierAloneHad)
{
    const FieldManager manager(pods());
    for (unsigned seed = 0; seed < 200; ++seed) {
        RandomPods random(seed);
        const auto first = random.pod();
        const auto second = random.pod();
        const Writer writer{"m", {}, {}};
        auto made = *manager.applyToNothing(first, writer, pods());
        if (made.managers.empty())
            continue;
        auto applied = manager.apply(made.object, made.managers, second, writer, false);
        ASSERT_TRUE(applied) << applied.error().message;
        auto left = applied->object;
        api::normalize(pods(), left);
        auto expected = second;
        api::normalize(pods(), expected);
        EXPECT_TRUE(compare(*pods().schema, expected, left).taken().empty())
            << api::writeJson(first) << " " << api::writeJson(second) << " " << api::writeJson(left);
        EXPECT_EQ(merge(*pods().schema, applied->object, second), applied->object);
    }
}

} // namespace
} // namespace keelson::fieldmanager

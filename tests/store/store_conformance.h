// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <future>
#include <mutex>
#include <set>
#include <thread>

namespace keelson::store {

inline Transaction put(std::string key, std::string value)
{
    return {{}, {{Operation::Type::Put, std::move(key), std::move(value)}}};
}

inline Transaction erase(std::string key)
{
    return {{}, {{Operation::Type::Delete, std::move(key), {}}}};
}

inline Transaction putIf(std::string key, Revision modRevision, std::string value)
{
    return {{{key, modRevision}}, {{Operation::Type::Put, key, std::move(value)}}};
}

/// The revision, or "Reason".
template <typename T>
std::string outcome(const Result<T>& result)
{
    if (!result)
        return std::string(reasonName(result.error().reason));
    if constexpr (std::is_same_v<T, Revision>)
        return fmt::format("{}", *result);
    else
        return "ok";
}

/// "a=1@2/1 b=2@4/4", and "..." when there is more: key, value, revision of the value and of the key's creation.
inline std::string text(const Result<Page>& page)
{
    if (!page)
        return std::string(reasonName(page.error().reason));
    std::string all;
    for (const auto& record : page->records)
        all += fmt::format("{}{}={}@{}/{}", all.empty() ? "" : " ", record.key, record.value, record.modRevision,
                           record.createRevision);
    return all + (page->more ? " ..." : "");
}

/// Without waiting in the store.
inline Result<Revision> commitCalledBack(Store& store, Transaction transaction)
{
    std::vector<Transaction> one;
    one.push_back(std::move(transaction));
    std::promise<Result<Revision>> told;
    store.commitEach(std::move(one),
                     [&told](std::vector<Result<Revision>> results) { told.set_value(std::move(results.front())); });
    return told.get_future().get();
}

/// What a watch was told: "3: a=1 b-; 4: ...".
class Heard {
public:
    Store::WatchHandler handler()
    {
        return [this](std::span<const Event> events, Revision revision) {
            const std::scoped_lock lock(m_mutex);
            m_text += fmt::format("{}{}:", m_text.empty() ? "" : "; ", revision);
            for (const auto& [type, record] : events) {
                EXPECT_EQ(record.modRevision, revision);
                m_text += type == Event::Type::Delete ? fmt::format(" {}-", record.key)
                                                      : fmt::format(" {}={}", record.key, record.value);
            }
        };
    }
    std::string text() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_text;
    }

private:
    mutable std::mutex m_mutex;
    std::string m_text;
};

/// The test that every store passes. `Factory` makes an empty store: `std::unique_ptr<Store> make()`.
template <typename Factory>
class StoreConformance : public testing::Test {
protected:
    Factory m_factory;
    std::unique_ptr<Store> m_store = m_factory.make();
};

TYPED_TEST_SUITE_P(StoreConformance);

TYPED_TEST_P(StoreConformance, keepsTheLatestValueAndCountsCommits)
{
    auto& store = *this->m_store;
    EXPECT_EQ(store.revision(), 0);
    EXPECT_EQ(outcome(store.get("a")), "NotFound");
    EXPECT_EQ(outcome(store.commit(put("a", "1"))), "1");
    EXPECT_EQ(outcome(store.commit(put("a", "2"))), "2");
    EXPECT_EQ(outcome(store.commit(put("b", ""))), "3");
    EXPECT_EQ(*store.get("a"), (Record{"a", "2", 1, 2}));
    EXPECT_EQ(*store.get("b"), (Record{"b", "", 3, 3}));
    EXPECT_EQ(outcome(store.commit(erase("a"))), "4");
    EXPECT_EQ(outcome(store.get("a")), "NotFound");
    EXPECT_EQ(outcome(store.commit(put("a", "3"))), "5");
    EXPECT_EQ(*store.get("a"), (Record{"a", "3", 5, 5})) << "a key that comes back is created anew";
    EXPECT_EQ(store.revision(), 5);
}

TYPED_TEST_P(StoreConformance, takesAnyBytes)
{
    auto& store = *this->m_store;
    const std::string key("k\0\xff\n", 4);
    const std::string value(std::size_t{300} * 1024, '\0');
    ASSERT_TRUE(store.commit(put(key, value)));
    EXPECT_EQ(store.get(key)->value, value);
}

TYPED_TEST_P(StoreConformance, writesOnlyWhenExpectationsHold)
{
    auto& store = *this->m_store;
    EXPECT_EQ(outcome(store.commit(putIf("a", 7, "x"))), "Conflict");
    EXPECT_EQ(outcome(store.commit(putIf("a", 0, "1"))), "1");
    EXPECT_EQ(outcome(store.commit(putIf("a", 0, "x"))), "Conflict");
    EXPECT_EQ(outcome(store.commit(putIf("a", 1, "2"))), "2");
    EXPECT_EQ(outcome(store.commit(putIf("a", 1, "x"))), "Conflict");
    Transaction half{{{"a", 2}, {"b", 9}}, {{Operation::Type::Put, "a", "x"}, {Operation::Type::Put, "c", "x"}}};
    EXPECT_EQ(outcome(store.commit(half)), "Conflict");
    EXPECT_EQ(text(store.list({})), "a=2@2/1") << "all or nothing";
    EXPECT_EQ(store.revision(), 2);
    EXPECT_EQ(outcome(store.commit(erase("a"))), "3");
    EXPECT_EQ(outcome(store.commit(putIf("a", 2, "x"))), "Conflict") << "a deleted key has revision 0";
    EXPECT_EQ(outcome(store.commit(putIf("a", 0, "3"))), "4");
}

TYPED_TEST_P(StoreConformance, refusesMalformedTransactions)
{
    auto& store = *this->m_store;
    EXPECT_EQ(outcome(store.commit({{}, {{Operation::Type::Put, "a", "1"}, {Operation::Type::Put, "a", "2"}}})),
              "Invalid");
    EXPECT_EQ(outcome(store.commit(put("", "1"))), "Invalid");
    EXPECT_EQ(text(store.list({})), "");
    EXPECT_EQ(outcome(store.commit({})), "0") << "nothing to do takes no revision";
    EXPECT_EQ(outcome(store.commit(erase("a"))), "0");
    EXPECT_EQ(store.revision(), 0);
}

TYPED_TEST_P(StoreConformance, commitsEachOfManyByItself)
{
    auto& store = *this->m_store;
    const auto results =
        store.commitEach({putIf("a", 0, "1"), putIf("a", 0, "x"), putIf("b", 0, "2"), putIf("a", 1, "3"), erase("b")});
    ASSERT_EQ(results.size(), 5U);
    EXPECT_EQ(outcome(results[0]), "1");
    EXPECT_EQ(outcome(results[1]), "Conflict") << "sees the one before it";
    EXPECT_EQ(outcome(results[2]), "2");
    EXPECT_EQ(outcome(results[3]), "3");
    EXPECT_EQ(outcome(results[4]), "4");
    EXPECT_EQ(text(store.list({})), "a=3@3/1");
    EXPECT_TRUE(store.commitEach({}).empty());
}

TYPED_TEST_P(StoreConformance, listsInOrderAndInPages)
{
    auto& store = *this->m_store;
    for (const auto* key : {"p/c", "p/a", "q", "p/b", "o", "p", "p/"})
        ASSERT_TRUE(store.commit(put(key, "v")));
    EXPECT_EQ(text(store.list({.prefix = "p/"})), "p/=v@7/7 p/a=v@2/2 p/b=v@4/4 p/c=v@1/1");
    EXPECT_EQ(text(store.list({.prefix = "p/", .limit = 2})), "p/=v@7/7 p/a=v@2/2 ...");
    EXPECT_EQ(text(store.list({.prefix = "p/", .startAfter = "p/a", .limit = 2})), "p/b=v@4/4 p/c=v@1/1");
    EXPECT_EQ(text(store.list({.prefix = "p/", .startAfter = "a"})), "p/=v@7/7 p/a=v@2/2 p/b=v@4/4 p/c=v@1/1");
    EXPECT_EQ(text(store.list({.startAfter = "p/c"})), "q=v@3/3");
    EXPECT_EQ(text(store.list({.prefix = "z"})), "");
    EXPECT_EQ(store.list({.prefix = "z"})->revision, 7);
}

TYPED_TEST_P(StoreConformance, remembersThePastUntilItIsCompacted)
{
    auto& store = *this->m_store;
    ASSERT_TRUE(store.commit(put("a", "1")));
    ASSERT_TRUE(store.commit(put("b", "1")));
    ASSERT_TRUE(store.commit(put("a", "2")));
    ASSERT_TRUE(store.commit(erase("b")));
    ASSERT_TRUE(store.commit(put("b", "3")));
    const char* const states[] = {"a=1@1/1", "a=1@1/1 b=1@2/2", "a=2@3/1 b=1@2/2", "a=2@3/1", "a=2@3/1 b=3@5/5"};
    for (Revision revision = 1; revision <= 5; ++revision)
        EXPECT_EQ(text(store.list({.revision = revision})), states[revision - 1]);
    EXPECT_EQ(text(store.list({.revision = 6})), "Invalid");

    EXPECT_EQ(outcome(store.compact(6)), "Invalid");
    EXPECT_EQ(outcome(store.compact(3)), "ok");
    EXPECT_EQ(store.compactedRevision(), 3);
    EXPECT_EQ(text(store.list({.revision = 2})), "Expired");
    for (Revision revision = 3; revision <= 5; ++revision)
        EXPECT_EQ(text(store.list({.revision = revision})), states[revision - 1]);
    EXPECT_EQ(outcome(store.compact(1)), "ok") << "already done";
    EXPECT_EQ(store.compactedRevision(), 3);
    EXPECT_EQ(outcome(store.compact(5)), "ok");
    EXPECT_EQ(text(store.list({})), states[4]);
    EXPECT_EQ(outcome(store.commit(putIf("b", 5, "4"))), "6");
}

TYPED_TEST_P(StoreConformance, tellsWatchesEachCommitInOrder)
{
    auto& store = *this->m_store;
    ASSERT_TRUE(store.commit(put("p/a", "1")));
    Heard all;
    Heard some;
    Heard late;
    const auto watchAll = store.watch("", 0, all.handler());
    const auto watchSome = store.watch("p/", 1, some.handler());
    ASSERT_TRUE(store.commit({{}, {{Operation::Type::Put, "p/a", "2"}, {Operation::Type::Put, "q", "2"}}}));
    ASSERT_TRUE(store.commit(put("q", "3")));
    ASSERT_TRUE(store.commit(erase("p/a")));
    const auto watchLate = store.watch("p/", 2, late.handler());
    (void)store.commit(putIf("p/a", 77, "x"));
    ASSERT_TRUE(store.commit(put("p/a", "5")));
    EXPECT_EQ(all.text(), "2: p/a=2 q=2; 3: q=3; 4: p/a-; 5: p/a=5");
    EXPECT_EQ(some.text(), "2: p/a=2; 4: p/a-; 5: p/a=5");
    EXPECT_EQ(late.text(), "4: p/a-; 5: p/a=5") << "first the past, then the present, nothing twice";
}

TYPED_TEST_P(StoreConformance, endsAWatchWithItsHandle)
{
    auto& store = *this->m_store;
    Heard heard;
    auto watch = *store.watch("", 0, heard.handler());
    ASSERT_TRUE(store.commit(put("a", "1")));
    watch.reset();
    ASSERT_TRUE(store.commit(put("a", "2")));
    EXPECT_EQ(heard.text(), "1: a=1");
}

TYPED_TEST_P(StoreConformance, refusesToWatchWhatIsNoMoreOrNotYet)
{
    auto& store = *this->m_store;
    for (const auto* value : {"1", "2", "3"})
        ASSERT_TRUE(store.commit(put("a", value)));
    ASSERT_TRUE(store.compact(2));
    Heard heard;
    EXPECT_EQ(outcome(store.watch("", 1, heard.handler())), "Expired");
    EXPECT_EQ(outcome(store.watch("", 4, heard.handler())), "Invalid");
    const auto watch = store.watch("", 2, heard.handler());
    EXPECT_EQ(heard.text(), "3: a=3");
}

TYPED_TEST_P(StoreConformance, tellsWatchesBeforeWhoDoesNotWait)
{
    auto& store = *this->m_store;
    Heard heard;
    const auto watch = store.watch("", 0, heard.handler());
    std::promise<std::string> told;
    const auto again = [&](const std::string& first, const std::vector<Result<Revision>>& results) {
        told.set_value(fmt::format("{}, then {}", first, outcome(results.front())));
    };
    store.commitEach({putIf("a", 0, "1"), putIf("a", 0, "x")}, [&](const std::vector<Result<Revision>>& results) {
        const auto first = fmt::format("{} {} ({})", outcome(results[0]), outcome(results[1]), heard.text());
        store.commitEach({put("b", "2")}, [&, first](const auto& others) { again(first, others); });
    });
    EXPECT_EQ(told.get_future().get(), "1 Conflict (1: a=1), then 2");
}

TYPED_TEST_P(StoreConformance, tellsAllBeforeItEnds)
{
    constexpr int threads = 4;
    constexpr int commits = 200;
    constexpr int waitedFor = 8; ///< Every eighth.
    std::mutex mutex;
    std::set<Revision> told;
    {
        std::vector<std::jthread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&, &store = *this->m_store] {
                for (int i = 0; i < commits; ++i) {
                    if (i % waitedFor == 0)
                        EXPECT_TRUE(store.commit(put("waited", "x")));
                    store.commitEach({put("n", "x")}, [&](const std::vector<Result<Revision>>& results) {
                        const std::scoped_lock lock(mutex);
                        EXPECT_TRUE(told.insert(results.front().value()).second);
                    });
                }
            });
        }
    }
    this->m_store.reset();
    EXPECT_EQ(told.size(), static_cast<std::size_t>(threads * commits));
}

TYPED_TEST_P(StoreConformance, losesNoIncrementOfManyThreads)
{
    auto& store = *this->m_store;
    constexpr int threads = 8;
    constexpr int increments = 25;
    ASSERT_TRUE(store.commit(put("n", "0")));
    std::vector<Revision> told;
    const auto watch = store.watch("", 0, [&](std::span<const Event>, Revision revision) { told.push_back(revision); });
    {
        std::vector<std::jthread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&store, t] {
                for (int done = 0; done < increments;) {
                    const auto now = store.get("n");
                    if (!now) {
                        ADD_FAILURE() << now.error().message;
                        return;
                    }
                    auto next = putIf("n", now->modRevision, std::to_string(std::stoi(now->value) + 1));
                    next.operations.push_back({Operation::Type::Put, fmt::format("t/{}", t), "x"});
                    if (t % 2 == 0 ? store.commit(std::move(next)) : commitCalledBack(store, std::move(next)))
                        ++done;
                }
            });
        }
    }
    EXPECT_EQ(store.get("n")->value, std::to_string(threads * increments));
    ASSERT_EQ(told.size(), static_cast<std::size_t>(threads * increments));
    for (std::size_t i = 0; i < told.size(); ++i)
        EXPECT_EQ(told[i], static_cast<Revision>(i) + 2) << "each once, in order";
}

REGISTER_TYPED_TEST_SUITE_P(StoreConformance, keepsTheLatestValueAndCountsCommits, takesAnyBytes,
                            writesOnlyWhenExpectationsHold, refusesMalformedTransactions, commitsEachOfManyByItself,
                            listsInOrderAndInPages, remembersThePastUntilItIsCompacted, tellsWatchesEachCommitInOrder,
                            endsAWatchWithItsHandle, refusesToWatchWhatIsNoMoreOrNotYet,
                            tellsWatchesBeforeWhoDoesNotWait, tellsAllBeforeItEnds, losesNoIncrementOfManyThreads);

} // namespace keelson::store

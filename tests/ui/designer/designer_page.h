// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/live_cluster.h"

#include "designer/designer.h"
#include "editor/manifests_page.h"

#include <gtest/gtest.h>

#include <QEvent>
#include <QTemporaryDir>

#include <memory>

namespace keelson::ui {

/// A Deployment, a Service and a ConfigMap, each written in another style.
extern const QByteArray shop;

void mouse(QWidget& widget, QEvent::Type type, QPointF at, Qt::MouseButtons buttons = Qt::LeftButton,
           Qt::KeyboardModifiers modifiers = {});
void drag(QWidget& widget, QPointF from, QPointF to, Qt::MouseButtons buttons = Qt::LeftButton,
          Qt::KeyboardModifiers modifiers = {});

/// The designer on the page of manifests, without a cluster. Each test is a gesture, on the real widgets.
class DesignerPage : public testing::Test {
protected:
    void SetUp() override { open(); }
    /// Anew, as after the program was ended.
    void open();
    void openText(const QByteArray& text, const QString& name = QStringLiteral("shop.yaml"));
    bool settled() { return m_page->isSettled() && m_designer->isSettled(); }
    DesignModel& model() { return m_designer->model(); }
    DesignView& view() { return *m_designer->view(); }
    std::string text() { return std::as_const(*m_page->current()).text().text(); }
    design::CardId card(const std::string& kind, const std::string& name);
    QPointF middle(design::CardId id) { return view().rectOf(id).center(); }
    void click(QPointF at, Qt::KeyboardModifiers modifiers = {});
    /// Of a menu that is open: its entries, and choosing one.
    QStringList menu(const QString& name, const QString& choose = {});
    void dragFromPalette(const char* kind, QPointF to);

    QTemporaryDir m_folder;
    std::unique_ptr<ManifestsPage> m_page;
    Designer* m_designer = nullptr;
};

} // namespace keelson::ui

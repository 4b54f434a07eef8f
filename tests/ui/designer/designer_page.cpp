// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/designer_page.h"

#include "designer/palette_list.h"

#include <QApplication>
#include <QFile>
#include <QMenu>
#include <QMouseEvent>

namespace keelson::ui {

const QByteArray shop = "# The shop\n"
                        "apiVersion: apps/v1\n"
                        "kind: Deployment\n"
                        "metadata:\n"
                        "  name: web # mine\n"
                        "spec:\n"
                        "  selector: {matchLabels: {app: web}}\n"
                        "  template:\n"
                        "    metadata: {labels: {app: web}}\n"
                        "    spec:\n"
                        "      containers:\n"
                        "        - name: web\n"
                        "          image: web:1\n"
                        "---\n"
                        "apiVersion: v1\n"
                        "kind: Service\n"
                        "metadata: {name: front}\n"
                        "spec: {ports: [{port: 80}]}\n"
                        "---\n"
                        "apiVersion: v1\n"
                        "kind: ConfigMap\n"
                        "metadata: {name: settings}\n"
                        "data: {level: info}\n";

void mouse(QWidget& widget, QEvent::Type type, QPointF at, Qt::MouseButtons buttons, Qt::KeyboardModifiers modifiers)
{
    const auto button = type == QEvent::MouseMove    ? Qt::NoButton
                        : buttons & Qt::MiddleButton ? Qt::MiddleButton
                                                     : Qt::LeftButton;
    QMouseEvent event(type, at, widget.mapToGlobal(at), button,
                      type == QEvent::MouseButtonRelease ? Qt::MouseButtons() : buttons, modifiers);
    QApplication::sendEvent(&widget, &event);
}

void drag(QWidget& widget, QPointF from, QPointF to, Qt::MouseButtons buttons, Qt::KeyboardModifiers modifiers)
{
    mouse(widget, QEvent::MouseButtonPress, from, buttons, modifiers);
    for (int step = 1; step <= 8; ++step)
        mouse(widget, QEvent::MouseMove, from + (to - from) * step / 8, buttons, modifiers);
    mouse(widget, QEvent::MouseButtonRelease, to, buttons, modifiers);
}

void DesignerPage::open()
{
    m_page.reset();
    m_page = std::make_unique<ManifestsPage>(nullptr, realTime, m_folder.filePath(QStringLiteral("unsaved")));
    m_designer = new Designer(*m_page, m_folder.filePath(QStringLiteral("layouts")));
    m_page->resize(1300, 1000);
    m_page->setDesigning(true);
    m_page->show();
    m_page->activateWindow();
    ASSERT_TRUE(eventually([&] { return settled(); }));
}

void DesignerPage::openText(const QByteArray& text, const QString& name)
{
    QFile file(m_folder.filePath(name));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    m_page->open({file.fileName()});
    ASSERT_TRUE(eventually([&] {
        return m_page->current() && m_page->current()->path() == file.fileName() && settled() &&
               !model().places().empty();
    }));
}

design::CardId DesignerPage::card(const std::string& kind, const std::string& name)
{
    model().refresh();
    for (const auto& each : model().cards())
        if (each.object.kind == kind && each.object.name == name)
            return each.id;
    return design::noCard;
}

void DesignerPage::click(QPointF at, Qt::KeyboardModifiers modifiers)
{
    mouse(view(), QEvent::MouseButtonPress, at, Qt::LeftButton, modifiers);
    mouse(view(), QEvent::MouseButtonRelease, at, Qt::LeftButton, modifiers);
}

QStringList DesignerPage::menu(const QString& name, const QString& choose)
{
    QStringList all;
    auto* shown = m_designer->findChild<QMenu*>(name);
    if (!shown)
        return all;
    QAction* chosen = nullptr;
    for (auto* action : shown->actions()) {
        all << action->text();
        if (action->text() == choose)
            chosen = action;
    }
    if (chosen)
        chosen->trigger();
    shown->close();
    return all;
}

void DesignerPage::dragFromPalette(const char* kind, QPointF to)
{
    auto* palette = m_designer->palette();
    auto* item = palette->itemOf(QString::fromLatin1(kind));
    ASSERT_TRUE(item) << kind;
    const QPointF from = palette->visualItemRect(item).center();
    drag(*palette->viewport(), from, palette->viewport()->mapFrom(m_page.get(), view().mapTo(m_page.get(), to)));
}

} // namespace keelson::ui

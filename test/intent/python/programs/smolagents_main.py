from tools import get_order, note
import asyncio


async def main():
    """Two reads at once, then one write."""
    first, second = await asyncio.gather(get_order(id="A"), get_order(id="B"))
    if first.total >= second.total:
        larger = first
    else:
        larger = second
    await note(value=larger.id, title=larger.customer.name)


if __name__ == "__main__":
    asyncio.run(main())
